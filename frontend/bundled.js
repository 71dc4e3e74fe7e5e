import { readFile, writeFile } from 'node:fs/promises';

/** Packages of which something gets into the page through their compilers: styles, and code that paraglide writes. */
const throughCompilers = ['@inlang/paraglide-js', 'tailwindcss'];

const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** The npm package that a module lies in, if any. */
function packageOf(id) {
  return inPackage.exec(id.replaceAll('\\', '/'))?.[1];
}

/** Writes down whose work a build of the page takes from npm, for the list of licences: what the modules say, and what package.json does, as fonts are no modules. */
export function bundled(file) {
  return {
    name: 'bundled',
    apply: 'build',
    async generateBundle(_, bundle) {
      const modules = Object.values(bundle)
        .filter((made) => made.type === 'chunk')
        .flatMap((chunk) => Object.entries(chunk.modules));
      const linked = modules.filter(([, module]) => module.renderedLength > 0).map(([id]) => packageOf(id));
      const { dependencies } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
      const names = new Set([...linked.filter(Boolean), ...Object.keys(dependencies), ...throughCompilers]);
      await writeFile(file, `${JSON.stringify([...names].sort(), null, 2)}\n`);
    },
  };
}
