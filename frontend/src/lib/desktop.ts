/** What the app's window can do that a page cannot, and how a browser does without. The only file that knows the window's runtime. */

interface WindowRuntime {
  ClipboardSetText(text: string): Promise<boolean>;
  BrowserOpenURL(url: string): void;
  EventsOn(name: string, callback: (noun: string) => void): () => void;
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

/** Marks the document, so that styles leave room for the buttons of a macOS window. */
export function markWindow(root: HTMLElement): void {
  if (inWindow()) root.dataset.window = onMac() ? 'mac' : 'plain';
}
