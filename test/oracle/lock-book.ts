import type { Fact } from '../../bus-schema/fact.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';

interface Holding {
  readonly files: readonly RepoPath[];
  /** Of the declared files: what is asked for at run time is never shared. */
  readonly reads: boolean;
  readonly asked: Set<RepoPath>;
}

/** Who holds which file, declared or asked for, by a second reckoning; whatever two hold at once is blamed. */
export class LockBook {
  readonly #blame: (violation: string) => void;
  readonly #held = new Map<string, Holding>();
  readonly #outside = new Map<string, RepoPath>();

  constructor(blame: (violation: string) => void) {
    this.#blame = blame;
  }

  start(attempt: string, files: readonly RepoPath[], reads: boolean): void {
    this.#held.set(attempt, { files, reads, asked: new Set() });
    this.#check(attempt);
  }

  /** Whose run it is does not matter here: programs outside have none. */
  hear(fact: Fact): void {
    if (fact.type === 'AttemptSettled') this.#held.delete(fact.attempt);
    if (fact.type === 'LocksTaken') {
      for (const path of fact.paths) this.#held.get(fact.attempt)?.asked.add(path);
      this.#check(fact.attempt);
    }
    if (fact.type === 'LocksReleased')
      for (const path of fact.paths) this.#held.get(fact.attempt)?.asked.delete(path);
    if (fact.type === 'OutsideLockReleased') this.#outside.delete(`${fact.worker}\n${fact.path}`);
    if (fact.type === 'OutsideLockTaken') {
      this.#outside.set(`${fact.worker}\n${fact.path}`, fact.path as RepoPath);
      for (const attempt of this.#held.keys()) this.#check(attempt);
    }
  }

  #check(attempt: string): void {
    const mine = this.#held.get(attempt);
    if (mine === undefined) return;
    for (const [other, theirs] of this.#held) {
      if (other === attempt) continue;
      const declared = !(mine.reads && theirs.reads) && meet(mine.files, theirs.files);
      if (declared || meet(mine.asked, [...theirs.asked, ...theirs.files]) || meet(mine.files, theirs.asked))
        this.#blame(`${attempt} and ${other} hold a file together`);
    }
    for (const [key, path] of this.#outside)
      if (meet([...mine.files, ...mine.asked], [path]))
        this.#blame(`${attempt} and ${JSON.stringify(key)} hold a file together`);
  }
}

function meet(some: Iterable<RepoPath>, others: Iterable<RepoPath>): boolean {
  const theirs = [...others];
  return [...some].some(mine => theirs.some(each => overlaps(mine, each)));
}
