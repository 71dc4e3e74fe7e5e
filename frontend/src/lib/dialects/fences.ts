export interface Piece {
  code: boolean;
  /** What stands behind the opening fence: go, ts, nothing. */
  language: string;
  text: string;
}

const opening = /^ {0,3}(`{3,})([^`]*)$/;

/** Cuts a text at its ``` fences. A block that is still open at the end is a block already: the rest is on its way. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let lines: string[] = [];
  let fence = '';
  let language = '';
  const close = () => {
    const said = lines.join('\n');
    if (fence || said.trim() !== '') found.push({ code: fence !== '', language, text: fence ? said : trimmed(said) });
    lines = [];
    language = '';
  };
  for (const line of text.split('\n')) {
    const opens = fence ? null : opening.exec(line);
    if (opens) {
      close();
      [fence, language] = [opens[1]!, opens[2]!.trim()];
    } else if (fence && line.trim().startsWith(fence) && line.trim().replaceAll('`', '') === '') {
      close();
      fence = '';
    } else lines.push(line);
  }
  close();
  return found;
}

const trimmed = (text: string) => text.replace(/^\n+|\n+$/g, '');
