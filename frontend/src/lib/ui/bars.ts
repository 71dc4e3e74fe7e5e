/** One column of the chart: good at the bottom, bad on top of it. */
export interface Column {
  at: string;
  good: number;
  bad: number;
}

/** The top of the scale: the smallest of 1, 2, 4, 5, 10, 20, 40, 50 ... with room for the tallest column; even, so that its half is whole. */
export function scaleTop(columns: Column[]): number {
  const tallest = Math.max(0, ...columns.map(({ good, bad }) => good + bad));
  if (tallest <= 2) return 2;
  for (let power = 1; ; power *= 10) {
    const top = [2, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= tallest);
    if (top !== undefined) return top;
  }
}

/** A column with rounded shoulders, drawn from the top left corner. */
export function shoulders(x: number, y: number, width: number, height: number): string {
  const r = Math.min(2, width / 2, height);
  return `M${x} ${y + height}V${y + r}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}V${y + height}z`;
}

/** The columns with a time below them, one every so many minutes; the last ones have no room for it. */
export function ticksOf(columns: Column[], everyMinutes: number): { column: Column; i: number }[] {
  return columns
    .map((column, i) => ({ column, i }))
    .filter(({ column, i }) => new Date(column.at).getMinutes() % everyMinutes === 0 && i < columns.length - 2);
}
