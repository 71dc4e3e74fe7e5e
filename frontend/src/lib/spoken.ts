import { getLocale } from '../paraglide/runtime.js';

type Text = (inputs: object) => string;

/** A message in the language of the moment, or in the one asked for: the first of two if that is its name. The build puts it into compiled messages. */
export const spoken =
  (name: string, first: Text, second: Text) =>
  (inputs: object = {}, { locale = getLocale() }: { locale?: string } = {}): string =>
    (locale === name ? first : second)(inputs);
