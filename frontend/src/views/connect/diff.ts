/** One line of a difference; … stands for what is the same in between. */
export interface Line {
  sign: '+' | '-' | ' ' | '…';
  text: string;
}

/** Reads a unified difference of one file, without its head. */
export function linesOf(diff: string): Line[] {
  const lines: Line[] = [];
  let begun = false;
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('@@')) {
      if (begun || !/^@@ -[01][ ,]/.test(line)) lines.push({ sign: '…', text: '' });
      begun = true;
    } else if (begun) {
      const sign = line[0];
      if (sign === '+' || sign === '-') lines.push({ sign, text: line.slice(1) });
      // What is said of the end of the file begins with a backslash.
      else if (sign !== '\\') lines.push({ sign: ' ', text: line.slice(1) });
    }
  }
  return lines;
}

export const count = (lines: readonly Line[], sign: Line['sign']) => lines.filter((line) => line.sign === sign).length;
