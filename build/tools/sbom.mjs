// Reads a CycloneDX list of parts and prints it the same way on every machine: without numbers and times of the run, without places on the
// disk, in the order of names.
//
//   sbom.mjs FILE VERSION TIME
import { readFileSync } from 'node:fs';

const [file, version, time] = process.argv.slice(2);
const list = JSON.parse(readFileSync(file, 'utf8'));
const byName = (a, b) => ((a['bom-ref'] ?? a.ref) < (b['bom-ref'] ?? b.ref) ? -1 : 1);

delete list.serialNumber;
list.metadata.timestamp = time;
for (const tool of Array.isArray(list.metadata.tools) ? list.metadata.tools : []) delete tool.hashes; // they differ by who built it
const self = list.metadata.component;
const [was, is] = [self['bom-ref'], `amq2api@${version}`];
Object.assign(self, { 'bom-ref': is, name: 'amq2api', version, licenses: [{ license: { id: 'MIT' } }] });
delete self.purl;

/** Whether a property tells of the machine that made the list: a place on its disk, or its environment. */
const ofTheMachine = ({ name }) => /:path$|env:/.test(name);
for (const part of [self, ...list.components]) {
  part.properties = part.properties?.filter((property) => !ofTheMachine(property));
  if (!part.properties?.length) delete part.properties;
  if (part.name === 'std') part.licenses = [{ license: { id: 'BSD-3-Clause' } }]; // it comes with Go, not from where modules are kept
}
list.components.sort(byName);
for (const entry of list.dependencies ?? []) {
  if (entry.ref === was) entry.ref = is;
  entry.dependsOn?.sort();
}
list.dependencies?.sort(byName);
console.log(JSON.stringify(list, null, 2));
