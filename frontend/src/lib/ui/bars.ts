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

export interface Ticked {
  column: Column;
  i: number;
}

/** The columns at whole ten minutes, or twenty where it is narrow; the last ones have no room for a text. */
export function everyTenMinutes(columns: Column[], narrow: boolean): Ticked[] {
  const every = narrow ? 20 : 10;
  return numbered(columns).filter(
    ({ column, i }) => new Date(column.at).getMinutes() % every === 0 && i < columns.length - 2,
  );
}

/** About so many columns, evenly, from the first. */
export function someOf(columns: Column[], most: number): Ticked[] {
  const every = Math.max(1, Math.ceil(columns.length / most));
  return numbered(columns).filter(({ i }) => i % every === 0);
}

const numbered = (columns: Column[]) => columns.map((column, i) => ({ column, i }));
