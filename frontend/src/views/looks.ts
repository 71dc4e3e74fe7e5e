import type { LanguageChoice, ThemeChoice } from '$lib/state/look.svelte';
import { m } from '$words';

interface Choice<Value> {
  value: Value;
  label: string;
  lang?: string;
}

/** The languages to choose from, each in its own words. */
export const languages = (): Choice<LanguageChoice>[] => [
  { value: '', label: m.shell_follow_system() },
  { value: 'en', label: 'English', lang: 'en' },
  { value: 'zh-CN', label: '简体中文', lang: 'zh-CN' },
];

export const themes = (): Choice<ThemeChoice>[] => [
  { value: '', label: m.shell_follow_system() },
  { value: 'light', label: m.shell_theme_light() },
  { value: 'dark', label: m.shell_theme_dark() },
];
