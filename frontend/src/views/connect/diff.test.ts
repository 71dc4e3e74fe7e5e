import { describe, expect, it } from 'vitest';

import { count, linesOf } from './diff';

const unified = `--- a/settings.json
+++ b/settings.json
@@ -1,4 +1,6 @@
 {
-  "model": "opus"
+  "model": "claude-sonnet-4-5",
+  "env": {}
 }

@@ -20,1 +22,1 @@
--- not a head
+++ nor this
\\ No newline at end of file
`;

describe('a difference', () => {
  it('is read line by line, with its signs apart and without its head', () => {
    expect(linesOf(unified)).toEqual([
      { sign: ' ', text: '{' },
      { sign: '-', text: '  "model": "opus"' },
      { sign: '+', text: '  "model": "claude-sonnet-4-5",' },
      { sign: '+', text: '  "env": {}' },
      { sign: ' ', text: '}' },
      { sign: ' ', text: '' },
      { sign: '…', text: '' },
      { sign: '-', text: '-- not a head' },
      { sign: '+', text: '++ nor this' },
    ]);
  });

  it('says that something comes before it where it begins further down', () => {
    expect(linesOf('--- a\n+++ b\n@@ -7,1 +7,2 @@\n x\n+y\n').map(({ sign }) => sign)).toEqual(['…', ' ', '+']);
  });

  it('of a new file is all new', () => {
    const lines = linesOf('--- /dev/null\n+++ b\n@@ -0,0 +1,2 @@\n+{\n+}\n');
    expect([count(lines, '+'), count(lines, '-'), lines.length]).toEqual([2, 0, 2]);
  });

  it('of nothing is empty', () => {
    expect(linesOf('')).toEqual([]);
  });
});
