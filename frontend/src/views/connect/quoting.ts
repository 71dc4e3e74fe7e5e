/** How a text is written as one word or string of each language, whatever is in it. */

const plain = /^[\w@%+=:,./-]+$/;

/** For bash, zsh and other POSIX shells. */
export const posix = (text: string) => (plain.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

export const fish = (text: string) =>
  plain.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** PowerShell has other rules for bare words, so it is always a literal string. */
export const powershell = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** For JSON, TOML's basic strings, YAML's double-quoted ones, Python and TypeScript: all of them read JSON's strings. */
export const quoted = (text: string) => JSON.stringify(text).replaceAll('\u007f', '\\u007f');

export const json = (value: unknown) => JSON.stringify(value, null, 2);
