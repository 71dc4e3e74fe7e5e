/** In the order of their shortcuts. */
export const screens = [
  'dashboard',
  'accounts',
  'keys',
  'requests',
  'usage',
  'connect',
  'playground',
  'diagnostics',
  'settings',
] as const;
export type Screen = (typeof screens)[number];

export interface Place {
  screen: Screen;
  query: Record<string, string>;
}

/** Reads #/accounts?status=waiting; what it does not know is the dashboard. */
export function parse(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const screen = screens.find((known) => known === path) ?? 'dashboard';
  return { screen, query: Object.fromEntries(new URLSearchParams(search)) };
}

export function render({ screen, query }: Place): string {
  const set = Object.entries(query).filter(([, value]) => value !== '');
  const search = new URLSearchParams(set).toString();
  return `#/${screen === 'dashboard' ? '' : screen}${search ? '?' + search : ''}`;
}

/** Where the user is. Filters are part of it, so that a reload keeps them. */
export class Route {
  place = $state.raw<Place>(parse(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.place = parse(location.hash)));
  }

  get screen(): Screen {
    return this.place.screen;
  }

  query(name: string): string {
    return this.place.query[name] ?? '';
  }

  /** Reads what the way here asks to be done once, and takes it out of the address. */
  take(name: string): string {
    const asked = this.query(name);
    if (asked !== '') this.refine({ [name]: '' });
    return asked;
  }

  go(screen: Screen, query: Record<string, string> = {}): void {
    this.place = { screen, query };
    location.hash = render(this.place);
  }

  /** Changes the filters without a step in the history. */
  refine(query: Record<string, string>): void {
    this.place = { screen: this.screen, query: { ...this.place.query, ...query } };
    history.replaceState(null, '', render(this.place));
  }
}
