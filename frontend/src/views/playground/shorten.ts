/** The most that is drawn of a body, in characters. */
const drawn = 100_000;
/** And of a message, beside its answer. */
const drawnMessage = 2000;

/**
 * A body as people read it: a picture's base64 is cut, since a page of it says nothing, and so is what would slow the page down. What is
 * copied is whole.
 */
export function shortened(body: string): string {
  const readable = body.replace(/[A-Za-z0-9+/]{400,}={0,2}/g, (long) => `${long.slice(0, 40)}…${long.length}`);
  return clipped(readable, drawn);
}

export const message = (text: string) => clipped(text, drawnMessage);

const clipped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);
