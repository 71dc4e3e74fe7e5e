const memory = 'amq2api.terms';

/** Whether the notice about Amazon's terms was acknowledged here. */
export function acknowledged(): boolean {
  try {
    return localStorage.getItem(memory) === 'acknowledged';
  } catch {
    return false;
  }
}

export function acknowledge(): void {
  try {
    localStorage.setItem(memory, 'acknowledged');
  } catch {
    // A browser that refuses storage shows the notice again.
  }
}
