import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import { readIfThere } from '../bus-schema/store/read-file.js';
import { replaceFile } from '../bus-schema/store/write-file.js';
import type { Stuck } from './projections/stuck.js';

/** Attempts whose processes would not die, as far as this daemon knows, and the file that tells others of them. */
export class StuckAttempts {
  readonly #bus: string;
  readonly #onChange: () => void;
  readonly #pids = new Map<AttemptId, readonly number[]>();

  constructor(bus: string, onChange: () => void) {
    this.#bus = bus;
    this.#onChange = onChange;
    // What an earlier daemon knew is looked at again.
    rmSync(join(bus, layout.stuck), { force: true });
  }

  get all(): Stuck {
    return this.#pids;
  }

  /** @param survivors none: it is stuck no more. */
  note(attempt: AttemptId, survivors: readonly number[]): void {
    if (survivors.length === 0 && !this.#pids.delete(attempt)) return;
    if (survivors.length > 0) this.#pids.set(attempt, survivors);
    const path = join(this.#bus, layout.stuck);
    if (this.#pids.size === 0) rmSync(path, { force: true });
    else
      replaceFile(this.#bus, path, `${JSON.stringify(Object.fromEntries(this.#pids))}\n`, { durable: false });
    this.#onChange();
  }
}

/** What the last daemon said of stuck attempts; of those that are not open any more it may still tell. */
export function readStuck(bus: string): Stuck {
  try {
    const told: unknown = JSON.parse(readIfThere(join(bus, layout.stuck)) ?? '{}');
    if (typeof told !== 'object' || told === null) return new Map();
    return new Map(
      Object.entries(told).flatMap(([attempt, pids]: [string, unknown]) =>
        Array.isArray(pids) && pids.every(pid => typeof pid === 'number')
          ? [[attempt as AttemptId, pids]]
          : [],
      ),
    );
  } catch {
    return new Map(); // a view that somebody else has spoilt
  }
}
