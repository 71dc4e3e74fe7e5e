import { locales, overwriteGetLocale, type Locale } from '../../paraglide/runtime.js';
import * as api from '../api/settings';

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
  async load(): Promise<void> {
    const kept = await api.get();
    this.#take(kept.theme, kept.language);
  }

  async chooseTheme(theme: ThemeChoice): Promise<void> {
    this.#take(theme, this.languageChoice);
    await api.put({ theme });
  }

  async chooseLanguage(language: LanguageChoice): Promise<void> {
    this.#take(this.themeChoice, language);
    await api.put({ language });
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
