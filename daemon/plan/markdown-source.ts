import type { Reading } from './fields.js';
import { wrong, type Path, type Place, type Source } from './source.js';

/** The line of each place in the plan that something may be said of. */
export type Lines = Map<string, number>;

export const keyOf = (path: Path): string => path.join(' ');

/** Markdown as a source of diagnostics: what is said of it has a line, and the column where that begins. */
export function sourceOf(lines: readonly string[], file: string, places: Lines): Source {
  return {
    file,
    value: undefined,
    warnings: [],
    placeOf(path): Place {
      const line = places.get(keyOf(path)) ?? places.get(keyOf(path.slice(0, 2))) ?? 0;
      return { line: line + 1, column: Math.max(0, (lines[line] ?? '').search(/\S/)) + 1 };
    },
    writtenAt: () => '',
  };
}

/** A warning at a line. */
export function warn(reading: Reading, places: Lines, line: number, message: string, remedy: string): void {
  const path: Path = ['line', line];
  places.set(keyOf(path), line);
  reading.problems.push({ ...wrong(path, message, remedy), severity: 'warning' });
}

/** An error at a line. */
export function refuse(
  reading: Reading,
  places: Lines,
  line: number,
  message: string,
  remedy?: string,
): void {
  const path: Path = ['line', line];
  places.set(keyOf(path), line);
  reading.problems.push(wrong(path, message, remedy));
}
