import { getLocale } from '../../paraglide/runtime.js';

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const locale = getLocale();
  const key = locale + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.NumberFormat(locale, options)));
  return made;
}

/** A whole number with its separators: 2,914. */
export const whole = (n: number) => format({ maximumFractionDigits: 0 }).format(n);

/** Tokens in K and M in every language, as developers write them: 318, 18.4K, 3.02M. */
export function tokens(n: number): string {
  if (n < 1000) return String(n);
  if (n < 999_500) return shortened(n / 1000) + 'K';
  return shortened(n / 1_000_000) + 'M';
}

function shortened(n: number): string {
  const digits = n < 10 ? 2 : n < 100 ? 1 : 0;
  return String(Number(n.toFixed(digits)));
}

/** A share of 100 with one digit, never rounded up to a perfect score: 98.7, 99.9 for 0.99999, 100 for 1. */
export function percent(share: number): string {
  const tenths = share === 1 ? 1000 : Math.min(Math.round(share * 1000), 999);
  return format({ maximumFractionDigits: 1 }).format(tenths / 10);
}

/** Milliseconds as seconds: 0.9, 14.2. */
export const seconds = (ms: number) => format({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000);

/** A size in bytes: 318 B, 4.2 KB, 1.31 MB. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 999_500) return `${shortened(n / 1000)} KB`;
  return `${shortened(n / 1_000_000)} MB`;
}

/** Dollars, with as many digits as say something: $0.0042, $1.20, $310. */
export function dollars(n: number): string {
  const digits = n === 0 || n >= 100 ? 0 : n >= 1 ? 2 : 4;
  return format({
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(n);
}

/** A change against before: +12 %, -3 %. */
export const signed = (share: number) =>
  format({ style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 0 }).format(share);
