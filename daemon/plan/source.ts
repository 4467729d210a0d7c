import type { Diagnostic } from '../../bus-schema/diagnostic.js';

/** Steps from the root of a document to one of its values: keys of mappings, positions in lists. */
export type Path = readonly (string | number)[];

/** Both count from 1, in the file the user named. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed document that still knows where each of its values was written. */
export interface Source {
  readonly file: string;
  /** Plain data: `null`, booleans, numbers, strings, arrays, objects. */
  readonly value: unknown;
  readonly warnings: readonly Diagnostic[];
  /** Where a value or its key stands; for one that is absent, the nearest thing around it. */
  placeOf(path: Path, part: 'key' | 'value'): Place;
  /** A value as it is spelled, so that `3.10` can be told from the number 3.1. */
  writtenAt(path: Path): string;
}

/** A diagnostic that still has a path for a place. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** Whether it is the key that is wrong or its value. */
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly remedy?: string;
}

/** More than anybody reads; the rest is counted, not listed. */
const MOST_LISTED = 500;

/** An error in a value. */
export function wrong(path: Path, message: string, remedy?: string): Problem {
  return { severity: 'error', path, part: 'value', message, ...(remedy === undefined ? {} : { remedy }) };
}

/** Adds problems to others. One by one: a hundred thousand do not fit into one call's arguments. */
export function add(problems: Problem[], more: Iterable<Problem>): void {
  for (const problem of more) problems.push(problem);
}

/** Gives problems their places, errors and warnings each in the order of the file. */
export function toDiagnostics(source: Source, problems: readonly Problem[]): Diagnostic[] {
  const listed = problems
    .slice(0, MOST_LISTED)
    .map(({ path, part, severity, message, remedy }): Diagnostic => {
      const place = source.placeOf(path, part);
      return { severity, file: source.file, ...place, message, ...(remedy === undefined ? {} : { remedy }) };
    });
  listed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const rest = problems.length - listed.length;
  if (rest > 0) {
    const severity = problems.some(problem => problem.severity === 'error') ? 'error' : 'warning';
    listed.push({ severity, file: source.file, message: `there are ${rest} more problems like these` });
  }
  return listed;
}
