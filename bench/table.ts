import { figure, timesOf } from './figures.js';
import type { Verdict } from './goal.js';
import { ratioOf, type Series } from './rounds.js';

/** Rows under heads, as they are printed; numbers stand to the right. */
export interface Table {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What it was made of, for programs that read the results. */
  readonly series: readonly Series[];
}

/** Who took how long, and how that is to the reference in the same rounds. */
export function seriesTable(
  title: string,
  unit: string,
  series: readonly Series[],
  reference?: string,
): Table {
  const base = series.some(each => each.name === reference) ? reference : undefined;
  const heads = ['', `median, ${unit}`, 'min', 'max', ...(base === undefined ? [] : [`to ${base}`])];
  const rows = series.map(({ name, figures: { median, min, max } }) => [
    name,
    ...[median, min, max].map(each => figure(each)),
    ...(base === undefined ? [] : [timesOf(ratioOf(series, name, base))]),
  ]);
  return { title, heads, rows, series };
}

export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    title: 'Goals',
    heads: ['goal', 'what', 'peer', "peer's", 'ours', 'ratio', 'wanted', 'met'],
    rows: verdicts.map(each => [
      each.goal,
      each.what,
      each.peer,
      each.peerFigure,
      each.ours,
      timesOf(each.ratio),
      each.wanted,
      each.met ? 'yes' : 'no',
    ]),
    series: [],
  };
}

export function textOf({ title, heads, rows }: Table): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => rows.every(row => /^[-\d.]/.test(row[column] ?? '0'));
  const sides = heads.map((_, column) => isNumber(column));
  const lines = all.map(row =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return sides[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${lines.join('\n')}\n`;
}
