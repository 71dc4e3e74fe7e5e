/** Runs something at once, but at most once in so many milliseconds; the last asking is never lost. */
export function paced(run: () => void, everyMs: number): { (): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;

  function ask(): void {
    if (timer !== undefined) {
      again = true;
      return;
    }
    run();
    timer = setTimeout(rest, everyMs);
  }

  function rest(): void {
    timer = undefined;
    if (!again) return;
    again = false;
    ask();
  }

  return Object.assign(ask, {
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
      again = false;
    },
  });
}
