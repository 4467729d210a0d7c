import { parseDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import type { Path, Problems, Source } from './source.js';
import { wrong } from './source.js';
import { didYouMean } from './suggest.js';

/** A document being read, and what was found wrong in it so far. */
export interface Reading {
  readonly source: Source;
  readonly problems: Problems;
}

export interface Limits {
  readonly least: number;
  readonly most: number;
}

/** What a value is, for a sentence that goes on "…, not". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${printable(value, 60)}"`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean' ? String(value) : 'a mapping';
}

/**
 * One mapping of a document, read key by key. A key that is absent or empty is `undefined`; a value of the wrong kind
 * too, and then the reading has one problem more.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #reading: Reading;
  /** What messages call the mapping, such as `task 1.1`. */
  name: string;
  readonly path: Path;

  private constructor(reading: Reading, values: Readonly<Record<string, unknown>>, path: Path, name: string) {
    this.#reading = reading;
    this.#values = values;
    this.path = path;
    this.name = name;
  }

  /** The mapping at a path; undefined, with a problem, if something else is there. */
  static at(reading: Reading, value: unknown, path: Path, name: string): Fields | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new Fields(reading, value as Readonly<Record<string, unknown>>, path, name);
    }
    reading.problems.push(wrong(path, `${name} must be a mapping, not ${describe(value)}`));
    return undefined;
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  keys(): string[] {
    return Object.keys(this.#values);
  }

  pathTo(key: string, ...more: Path): Path {
    return [...this.path, key, ...more];
  }

  /** Reports the value of a key. */
  refuse(key: string, message: string, remedy?: string): void {
    this.#reading.problems.push(wrong(this.pathTo(key), `${this.name}: ${message}`, remedy));
  }

  /** Reports the keys that have no meaning here; in a format that others may have added to, as a warning. */
  only(known: readonly string[], severity: 'error' | 'warning' = 'error'): void {
    for (const key of this.keys()) {
      if (known.includes(key)) continue;
      if (this.#reading.problems.areEnough) return;
      const remedy = didYouMean(key, known) ?? `The keys here are ${known.join(', ')}`;
      const message = `${this.name}: ${printable(key, 60)} is not a key that is known here`;
      this.#reading.problems.push({
        severity,
        path: this.pathTo(key),
        part: 'key',
        message,
        remedy,
      });
    }
  }

  /** A number where text belongs is refused with its spelling: `1.10` unquoted is 1.1. */
  text(key: string): string | undefined {
    const value = this.get(key);
    // Most keys of most tasks are not there.
    return value === undefined ? undefined : this.#textAt(value, this.pathTo(key), key);
  }

  /** Text, or any other scalar as it is spelled. */
  looseText(key: string): string | undefined {
    const value = this.get(key);
    if (typeof value === 'number' || typeof value === 'boolean')
      return this.#reading.source.writtenAt(this.pathTo(key));
    return this.text(key);
  }

  /** A list of texts, with `undefined` in place of each entry that was refused. */
  texts(key: string): (string | undefined)[] {
    const { problems } = this.#reading;
    return this.list(key).map((value, index) => {
      if (problems.areEnough) return undefined;
      const path = this.pathTo(key, index);
      if (value !== null) return this.#textAt(value, path, `an entry of ${key}`);
      problems.push(wrong(path, `${this.name}: an entry of ${key} is empty`));
      return undefined;
    });
  }

  list(key: string): readonly unknown[] {
    const value = this.get(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    const remedy = typeof value === 'string' ? `Write it as ${key}: ["${printable(value, 60)}"]` : undefined;
    this.refuse(key, `${key} must be a list, not ${describe(value)}`, remedy);
    return [];
  }

  mapping(key: string, name: string): Fields | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : Fields.at(this.#reading, value, this.pathTo(key), name);
  }

  whole(key: string, { least, most }: Limits): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    this.refuse(key, `${key} must be a whole number from ${least} to ${most}, not ${describe(value)}`);
    return undefined;
  }

  truth(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    this.refuse(key, `${key} must be true or false, not ${describe(value)}`);
    return undefined;
  }

  choice<T extends string>(key: string, options: readonly T[]): T | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const found = options.find(option => option === value);
    if (found === undefined) {
      const remedy = typeof value === 'string' ? didYouMean(value, options) : undefined;
      this.refuse(key, `${key} must be one of ${options.join(', ')}, not ${describe(value)}`, remedy);
    }
    return found;
  }

  /** Milliseconds; the unit is required, where bare numbers are not milliseconds already. Nothing lasts no time at all. */
  duration(key: string, bare: 'ms' | 'refused' = 'refused'): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') {
      this.refuse(key, `${key} must be a duration such as 30m, not ${describe(value)}`);
      return undefined;
    }
    const parsed = parseDuration(printable(String(value), 60), bare);
    if (parsed.ok && parsed.value > 0) return parsed.value;
    this.refuse(key, `${key}: ${parsed.ok ? `"${String(value)}" is no time at all` : parsed.error}`);
    return undefined;
  }

  #textAt(value: unknown, path: Path, what: string): string | undefined {
    if (value === undefined) return undefined;
    const { source, problems } = this.#reading;
    if (typeof value === 'string') {
      // Neither an argument nor an environment variable can carry it.
      if (!value.includes('\0')) return value;
      problems.push(wrong(path, `${this.name}: ${what} has a NUL character in it`));
    } else if (typeof value === 'number' || typeof value === 'boolean') {
      const written = printable(source.writtenAt(path), 60);
      const became = written === String(value) ? '' : `, which becomes ${String(value)}`;
      const kind = typeof value === 'number' ? 'the number' : 'the truth value';
      problems.push(
        wrong(
          path,
          `${this.name}: ${what} must be text, not ${kind} ${written}${became}`,
          `Quote it: "${written}"`,
        ),
      );
    } else problems.push(wrong(path, `${this.name}: ${what} must be text, not ${describe(value)}`));
    return undefined;
  }
}
