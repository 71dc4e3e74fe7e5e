/** What the app's window can do that a page cannot, and how a browser does without. The only file that knows the window's runtime. */

interface WindowRuntime {
  ClipboardSetText(text: string): Promise<boolean>;
  BrowserOpenURL(url: string): void;
  EventsOn<Said>(name: string, callback: (said: Said) => void): () => void;
  EventsEmit(name: string, ...said: string[]): void;
}

interface Host {
  runtime?: WindowRuntime;
  go?: unknown;
}

function runtime(): WindowRuntime | undefined {
  const host = window as unknown as Host;
  return typeof host.runtime?.EventsOn === 'function' ? host.runtime : undefined;
}

/** Whether the page is inside the app's window. */
export const inWindow = () => runtime() !== undefined;

/** Whether the page may be on another computer than the program: it was fetched by another name than the loopback's. */
export const fromElsewhere = () => !inWindow() && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);

export const onMac = () => /Mac/.test(navigator.platform);
export const onWindows = () => /Win/.test(navigator.platform);

/** Puts text on the clipboard; false if the system refused. */
export async function copyText(text: string): Promise<boolean> {
  const host = runtime();
  try {
    if (host) return await host.ClipboardSetText(text);
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function openInBrowser(url: string): void {
  const host = runtime();
  if (host) host.BrowserOpenURL(url);
  else window.open(url, '_blank', 'noopener');
}

/** Hears what changed through the window's own events. Answers undefined in a browser, which has server-sent events instead. */
export function followChanges(changed: (noun: string) => void): (() => void) | undefined {
  return runtime()?.EventsOn('changed', changed);
}

/** A part of an answer that the window brings: first status and headers, then bytes in base64, at last the end. */
interface Piece {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  ended?: boolean;
  torn?: boolean;
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Posts through the window, whose own fetch gives no answer before it is whole. Like fetch: rejects when there is none or it was aborted. */
export function postInWindow(path: string, body: string, signal: AbortSignal): Promise<Response> {
  const id = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    let come: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (come = controller) });
    const finish = (why?: unknown) => {
      silence?.();
      signal.removeEventListener('abort', stop);
      if (why === undefined) return come.close();
      come.error(why);
      reject(why as Error);
    };
    const stop = () => {
      runtime()?.EventsEmit('playground:stop', id);
      finish(new DOMException('', 'AbortError'));
    };
    const silence = runtime()?.EventsOn<Piece>(`playground:${id}`, (piece) => {
      if (piece.status) resolve(new Response(stream, { status: piece.status, headers: piece.headers ?? {} }));
      if (piece.body) come.enqueue(bytesOf(piece.body));
      if (piece.ended) finish(piece.torn ? new TypeError('The answer broke off.') : undefined);
    });
    signal.addEventListener('abort', stop);
    runtime()?.EventsEmit('playground:ask', id, path, body);
  });
}

/** What the window asks before the program ends. */
export interface Leaving {
  /** Answers under way. */
  answers: number;
  /** The window was closed and has no tray to hide in. */
  minimise: boolean;
  /** The user chose to wait for the answers. */
  waiting: boolean;
  /** The user chose to stay while waiting. */
  dismissed: boolean;
}

/** Hears the question whether to quit, and says that it was heard. */
export function onLeaving(asked: (question: Leaving) => void): () => void {
  const silence = runtime()?.EventsOn<Leaving>('leaving', (question) => {
    answerLeaving('seen');
    asked(question);
  });
  return () => silence?.();
}

export function answerLeaving(answer: 'seen' | 'quit' | 'wait' | 'minimise' | 'stay'): void {
  runtime()?.EventsEmit('leaving:answer', answer);
}

/** How long a window must keep its size before it is worth remembering. */
const restMs = 800;

/** Tells the window when its size or place may have changed, so that it is remembered. */
function followPlace(): void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  const moved = () => {
    clearTimeout(resting);
    resting = setTimeout(() => runtime()?.EventsEmit('window:placed'), restMs);
  };
  window.addEventListener('resize', moved);
  window.addEventListener('blur', moved);
}

/** Marks the document, so that styles leave room for the buttons of a macOS window. */
export function markWindow(root: HTMLElement): void {
  if (!inWindow()) return;
  root.dataset.window = onMac() ? 'mac' : 'plain';
  followPlace();
}
