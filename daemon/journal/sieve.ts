import type { JournalledRecord } from '../../bus-schema/fact.js';
import { withoutPruned, type PrunedRuns } from './pruned-runs.js';

type Fact = JournalledRecord['facts'][number];

/**
 * What of a journal is still of use: lets through what is about runs that are kept, and of what is about none only what
 * something depends on. A daemon's start, say, is of no more use when the next one follows and nothing happened between.
 * Nothing is put in another order, and each record keeps its number.
 */
export class Sieve {
  readonly #pruned: PrunedRuns;
  /** Records that are about no run and have not been let through: a later one may make them superfluous. */
  #held: JournalledRecord[] = [];
  /** The first daemon's start has the seed of all tokens. */
  #isSeeded = false;
  /** Paths of outside locks whose taking was let through, so their release must be too. */
  readonly #locked = new Set<string>();
  #last: JournalledRecord | undefined;
  #passed = 0;

  constructor(pruned: PrunedRuns) {
    this.#pruned = pruned;
  }

  /** Takes the next record, and answers what can be written by now. */
  take(record: JournalledRecord): JournalledRecord[] {
    this.#last = record;
    const facts = withoutPruned(record, this.#pruned).facts.filter(fact => !isNeverMissed(fact));
    if (facts.length === 0) return [];
    const kept = { ...record, facts };
    if (this.#isSeeded && facts.every(isAboutNone)) {
      this.#hold(kept);
      return [];
    }
    this.#isSeeded ||= facts.some(fact => fact.type === 'DaemonStarted');
    return this.#pass([...this.#held.splice(0), kept]);
  }

  /** What is left, at the end. The last record stays in any case, if only as a number: none may be given twice. */
  end(): JournalledRecord[] {
    const rest = this.#held.splice(0);
    const last = this.#last;
    if (last !== undefined && (rest.at(-1)?.seq ?? this.#passed) !== last.seq)
      rest.push({ ...last, facts: [] });
    return this.#pass(rest);
  }

  #hold(record: JournalledRecord): void {
    const facts: Fact[] = [];
    for (const fact of record.facts) {
      const undone = this.#drop(each => isUndoneBy(each, fact));
      // What is released here was taken here, and nobody waited for it.
      if (fact.type === 'OutsideLockReleased' && undone && !this.#locked.has(fact.path)) continue;
      facts.push(fact);
    }
    if (facts.length > 0) this.#held.push({ ...record, facts });
  }

  /** Whether there was such a fact. */
  #drop(isSuperfluous: (fact: Fact) => boolean): boolean {
    let found = false;
    this.#held = this.#held.flatMap(record => {
      const facts = record.facts.filter(fact => !isSuperfluous(fact));
      found ||= facts.length < record.facts.length;
      return facts.length === 0 ? [] : [{ ...record, facts }];
    });
    return found;
  }

  /** Each record that follows a gap says so. */
  #pass(records: readonly JournalledRecord[]): JournalledRecord[] {
    return records.map(({ after: _before, ...record }) => {
      const gap = this.#passed === record.seq - 1 ? {} : { after: this.#passed };
      this.#passed = record.seq;
      for (const fact of record.facts) {
        if (fact.type === 'OutsideLockTaken') this.#locked.add(fact.path);
        if (fact.type === 'OutsideLockReleased') this.#locked.delete(fact.path);
      }
      return { ...record, ...gap };
    });
  }
}

/** It was told, and changes nothing that is known. */
function isNeverMissed({ type }: Fact): boolean {
  return type === 'RunsPruned' || type === 'WorkerLost';
}

function isAboutNone(fact: Fact): boolean {
  return !('run' in fact) || fact.run === undefined;
}

/** What is of no more use once a fact of these types has been folded in, with nothing but such facts between. */
const UNDONE_BY: Partial<Record<Fact['type'], readonly Fact['type'][]>> = {
  DaemonStarted: ['DaemonStarted', 'LimitSet', 'DrainStarted'],
  LimitSet: ['LimitSet'],
  Paused: ['Paused', 'Resumed'],
  Resumed: ['Paused', 'Resumed'],
  OutsideLockTaken: ['OutsideLockTaken'],
  OutsideLockReleased: ['OutsideLockTaken'],
};

function isUndoneBy(fact: Fact, later: Fact): boolean {
  if (UNDONE_BY[later.type]?.includes(fact.type) !== true) return false;
  return !('path' in fact && 'path' in later) || fact.path === later.path;
}
