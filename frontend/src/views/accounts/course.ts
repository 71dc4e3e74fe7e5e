import type { QuotaReading } from '$lib/api/types.gen';

/**
 * The way a quota went, as the d of an SVG path in steps: it stays as it was told until it is told anew. The top is the highest limit there
 * was. Empty for less than two readings.
 */
export function courseOf(readings: readonly QuotaReading[], width: number, height: number): string {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last || readings.length < 2) return '';
  const from = Date.parse(first.at);
  const lasted = Math.max(1, Date.parse(last.at) - from);
  const top = Math.max(1, ...readings.flatMap(({ used, limit }) => [used, limit]));
  const x = ({ at }: QuotaReading) => (((Date.parse(at) - from) / lasted) * width).toFixed(1);
  const y = ({ used }: QuotaReading) => (1 + (1 - used / top) * (height - 2)).toFixed(1);
  return (
    `M0,${y(first)}` +
    readings
      .slice(1)
      .map((reading) => `H${x(reading)}V${y(reading)}`)
      .join('')
  );
}
