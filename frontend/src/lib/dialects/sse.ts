/** One server-sent event; name is empty where the stream names none. */
export interface SseEvent {
  name: string;
  data: string;
}

/**
 * Reads server-sent events from bytes, however they are cut. What the stream's end leaves unfinished is no event, as the format has it.
 * Comments are skipped.
 */
export class SseReader {
  #decoder = new TextDecoder();
  #rest = '';
  #name = '';
  #data: string[] = [];

  push(bytes: Uint8Array): SseEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const events: SseEvent[] = [];
    for (let line = this.#line(); line !== null; line = this.#line()) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  /** The next whole line. A CR at the very end may be half of a CRLF, so it waits. */
  #line(): string | null {
    const end = this.#rest.search(/\r\n|\n|\r(?=[^])/);
    if (end < 0) return null;
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + (this.#rest.startsWith('\r\n', end) ? 2 : 1));
    return line;
  }

  #take(line: string): SseEvent | null {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    const [field, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return null;
  }

  #finish(): SseEvent | null {
    const event = this.#data.length > 0 ? { name: this.#name, data: this.#data.join('\n') } : null;
    this.#name = '';
    this.#data = [];
    return event;
  }
}
