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
/** So many errors are counted; a file with more is none of ours, and is not read to its end. */
export const MOST_COUNTED = 10_000;

/** An error in a value. */
export function wrong(path: Path, message: string, remedy?: string): Problem {
  return { severity: 'error', path, part: 'value', message, ...(remedy === undefined ? {} : { remedy }) };
}

/** What was found wrong in a document so far. */
export class Problems {
  readonly all: Problem[] = [];
  #errors = 0;

  push(problem: Problem): void {
    this.all.push(problem);
    if (problem.severity === 'error') this.#errors++;
  }

  add(more: Iterable<Problem>): void {
    for (const problem of more) this.push(problem);
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Whether there are so many errors that it is no use to look for more. */
  get areEnough(): boolean {
    return this.#errors >= MOST_COUNTED;
  }
}

/** Gives problems their places, in the order of the file. Of too many, the errors are listed first. */
export function toDiagnostics(source: Source, problems: readonly Problem[]): Diagnostic[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const told =
    problems.length > MOST_LISTED
      ? [...errors, ...problems.filter(({ severity }) => severity !== 'error')]
      : problems;
  const listed = told.slice(0, MOST_LISTED).map(({ path, part, severity, message, remedy }): Diagnostic => {
    const place = source.placeOf(path, part);
    return { severity, file: source.file, ...place, message, ...(remedy === undefined ? {} : { remedy }) };
  });
  listed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const rest = problems.length - listed.length;
  if (rest > 0) {
    const severity = errors.length > 0 ? 'error' : 'warning';
    const count = errors.length >= MOST_COUNTED ? `at least ${rest}` : String(rest);
    listed.push({ severity, file: source.file, message: `there are ${count} more problems like these` });
  }
  return listed;
}
