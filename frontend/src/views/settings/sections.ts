import { m } from '$words';

type Word = (inputs?: object, options?: { locale?: 'en' | 'zh-CN' }) => string;

/** The parts of the settings and the words they are found by. */
export const sections = {
  general: [m.settings_general, m.shell_language, m.shell_theme, m.settings_start_proxy, m.settings_log_level],
  network: [m.settings_network, m.settings_port, m.settings_listen_on, m.settings_hosts],
  amazon: [m.settings_amazon, m.settings_proxy, m.settings_proxy_password, m.settings_silence, m.settings_queue],
  models: [m.settings_models, m.settings_default_model, m.settings_aliases, m.settings_alias_thinking_hint],
  conduct: [m.settings_conduct, m.settings_fetch_images, m.settings_keep_responses, m.settings_break_repeats],
  usage: [m.settings_usage, m.settings_keep_rows, m.settings_keep_sums, m.settings_prices, m.usage_cost],
  backups: [m.backups_title, m.backups_note, m.backups_restore, m.backups_every, m.backups_keep],
  about: [m.settings_about, m.about_version, m.about_vault, m.about_api],
} satisfies Record<string, [Word, ...Word[]]>;

export type Section = keyof typeof sections;

/** Whether a part has what is searched for among its words, in either language. */
export function isFound(section: Section, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  const words: Word[] = sections[section];
  return words.some((word) =>
    (['en', 'zh-CN'] as const).some((locale) => word({}, { locale }).toLowerCase().includes(wanted)),
  );
}
