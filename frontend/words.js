const compiled = /\/paraglide\/messages\/(?!_index)[^/]+\.js$/;
const choice =
  /\/\* @__NO_SIDE_EFFECTS__ \*\/\nexport const (\w+) = \([^]*?if \(locale === "(\w+)"\) return (\w+)\(inputs\)\s+return (\w+)\(inputs\)\s*\};?/;

/** What every compiled message repeats, the choice of the language, stands once: it was a twentieth of the page's script. */
export function words() {
  return {
    name: 'words',
    apply: 'build',
    transform(code, id) {
      if (!compiled.test(id)) return null;
      const slim = code.replace(choice, 'export const $1 = /* @__PURE__ */ spoken("$2", $3, $4);');
      if (slim === code) this.error('a compiled message has another form than expected');
      return { code: `import { spoken } from '../../lib/spoken';\n${slim}`, map: null };
    },
  };
}
