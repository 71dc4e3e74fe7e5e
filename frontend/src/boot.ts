/**
 * The first import of the page. WebKit under LANG=C reports the language "C"; passing that on to Intl throws, which in a library's
 * top level leaves a blank window.
 */
export function soundLanguage(language: unknown): string {
  try {
    return Intl.getCanonicalLocales(language as string)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

export function guardLanguage(of: Navigator): void {
  const sound = soundLanguage(of.language);
  if (sound === of.language) return;
  Object.defineProperty(of, 'language', { configurable: true, get: () => sound });
  Object.defineProperty(of, 'languages', { configurable: true, get: () => [sound] });
}

guardLanguage(navigator);
