// The fake with its clock stopped, as a process of its own: still.mjs SCENE SETTINGS. Prints its address.
const at = Date.UTC(2026, 2, 10, 6, 30);
const Moving = Date;
globalThis.Date = class extends Moving {
  constructor(...when) {
    super(...(when.length ? when : [at]));
  }
  static now() {
    return at;
  }
};

const { listen } = await import('./fake-admin.mjs');
const [scene, settings] = process.argv.slice(2);
const fake = await listen({ scene });
Object.assign(fake.program.settings, JSON.parse(settings));
if (scene === 'stopped') Object.assign(fake.program.proxy, { running: false, addresses: [] });
console.log(fake.url);
