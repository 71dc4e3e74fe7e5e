import { locales, overwriteGetLocale, type Locale } from '../../paraglide/runtime.js';
import * as api from '../api/settings';
import type { Settings } from '../api/types.gen';

export type Theme = 'light' | 'dark';
/** Empty follows the system. */
export type ThemeChoice = Theme | '';
export type LanguageChoice = Locale | '';

const memory = 'amq2api.look';

/** The language that fits the system's best. */
export function systemLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}

/** Theme and language: the program keeps them, the page remembers them for the moment before it has asked. */
export class Look {
  themeChoice = $state<ThemeChoice>('');
  languageChoice = $state<LanguageChoice>('');
  #systemIsDark = $state(false);
  #turn = 0;

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = dark.matches;
    dark.addEventListener('change', () => (this.#systemIsDark = dark.matches));
    this.#recall();
    overwriteGetLocale(() => this.locale);
  }

  get theme(): Theme {
    return this.themeChoice || (this.#systemIsDark ? 'dark' : 'light');
  }

  get locale(): Locale {
    return this.languageChoice || systemLocale(navigator.languages ?? [navigator.language]);
  }

  /** Takes over what the program keeps. */
  load = () => this.#keep(api.get());

  chooseTheme = (theme: ThemeChoice) => this.#choose(theme, this.languageChoice, { theme });

  chooseLanguage = (language: LanguageChoice) => this.#choose(this.themeChoice, language, { language });

  #choose(theme: ThemeChoice, language: LanguageChoice, changed: Partial<Settings>): Promise<void> {
    this.#take(theme, language);
    this.#turn++; // what was asked before may come later, and does not know of it
    return this.#keep(api.put(changed));
  }

  async #keep(answer: Promise<Settings>): Promise<void> {
    const turn = this.#turn;
    const kept = await answer;
    if (turn === this.#turn) this.#take(kept.theme, kept.language);
  }

  /** Chooses for this page only, before anybody has signed in. */
  previewLanguage(language: LanguageChoice): void {
    this.#take(this.themeChoice, language);
  }

  #take(theme: string, language: string): void {
    this.themeChoice = theme === 'light' || theme === 'dark' ? theme : '';
    this.languageChoice = locales.find((known) => known === language) ?? '';
    try {
      localStorage.setItem(memory, JSON.stringify({ theme: this.themeChoice, language: this.languageChoice }));
    } catch {
      // A browser that refuses storage asks the program every time.
    }
  }

  #recall(): void {
    try {
      const kept = JSON.parse(localStorage.getItem(memory) ?? '{}') as { theme?: string; language?: string };
      this.#take(kept.theme ?? '', kept.language ?? '');
    } catch {
      this.#take('', '');
    }
  }
}
