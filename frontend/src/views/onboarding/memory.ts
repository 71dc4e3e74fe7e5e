const memory = 'amq2api.onboarding';

/**
 * What the program cannot know: what was chosen, and what was done outside of it. It concerns only the person at this browser, so it is
 * kept here and not in the settings.
 */
export interface Memory {
  looked: boolean;
  skipped: boolean;
  setUp: boolean;
  /** Empty until one was chosen. */
  tool: string;
}

const blank: Memory = { looked: false, skipped: false, setUp: false, tool: '' };

export function recall(): Memory {
  try {
    const kept = JSON.parse(localStorage.getItem(memory) ?? '{}') as Partial<Memory>;
    return { ...blank, ...kept };
  } catch {
    return blank;
  }
}

export function remember(changed: Partial<Memory>): Memory {
  const now = { ...recall(), ...changed };
  try {
    localStorage.setItem(memory, JSON.stringify(now));
  } catch {
    // A browser that refuses storage begins anew after a reload, as far as the program's state does not tell.
  }
  return now;
}
