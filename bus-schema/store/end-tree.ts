import type { ProcessIdentity } from '../lease.js';
import { unlessShort } from './errors.js';
import { findMarked } from './marker-scan.js';
import { descendantsOf } from './process-family.js';
import { groupExists, livingMembers, signalGroup } from './process-group.js';
import { identityOf, isRunning, signalProcess } from './process-identity.js';

/** What is to be ended. */
export interface Tree {
  /** Found by this mark are those that left the group. */
  readonly attempt: string;
  /** The command's process group, if the caller knows that it is still the attempt's (see `groupOf`). */
  readonly group?: number | undefined;
  /** A process that has no descendants but the tree's. */
  readonly root?: number | undefined;
  /** Everything that lives of the tree, where something holds it together: then nothing else is looked for. */
  readonly members?: (() => readonly ProcessIdentity[]) | undefined;
  /** From SIGTERM to SIGKILL. */
  readonly termGraceMs: number;
}

/** A process that forks in a loop, or sleeps in the kernel, may outlast a SIGKILL; so many are tried. */
const KILL_ROUNDS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * Ends all processes of an attempt: SIGTERM and SIGCONT (a stopped one could not hear the first), a grace, then SIGKILL
 * until none is left. Those that would not die come back as survivors; rejects where the machine is too short of something to see any.
 */
export async function endTree(tree: Tree): Promise<{ survivors: number[] }> {
  const hunt = new Hunt(tree);
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) unlessShort(() => hunt.signal(signal));
  const until = performance.now() + tree.termGraceMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (unlessShort(() => hunt.living())?.length === 0) return { survivors: [] };
    const left = until - performance.now();
    if (left <= 0) break;
    await sleep(Math.min(pause, left));
  }
  return { survivors: await killAll(hunt) };
}

async function killAll(hunt: Hunt): Promise<number[]> {
  for (
    let round = 0, pause = 5;
    round < KILL_ROUNDS;
    round++, pause = Math.min(pause * 2, 2 * LONGEST_PAUSE_MS)
  ) {
    unlessShort(() => hunt.signal('SIGKILL'));
    await sleep(pause);
    if (unlessShort(() => hunt.living())?.length === 0) return [];
  }
  return hunt.living().map(({ pid }) => pid);
}

/**
 * Looks for what lives of a tree, again and again. Who was once found is known by its start time until it is gone, also when
 * its parent has ended meanwhile and nothing leads to it any more.
 */
class Hunt {
  readonly #tree: Tree;
  #group: number | undefined;
  #known: readonly ProcessIdentity[] | undefined;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#group = tree.group;
  }

  living(): readonly ProcessIdentity[] {
    const { members } = this.#tree;
    if (members !== undefined) return members();
    const known = this.#known?.filter(each => isRunning(each));
    const found = new Map(known?.map(each => [each.pid, each]));
    for (const pid of [...this.#groupMembers(known), ...this.#descendants(known ?? [])]) {
      const identity = found.has(pid) ? undefined : identityOf(pid);
      if (identity !== undefined) found.set(pid, identity);
    }
    for (const marked of findMarked(this.#tree.attempt)) found.set(marked.pid, marked);
    found.delete(process.pid);
    this.#known = [...found.values()];
    return this.#known;
  }

  signal(signal: NodeJS.Signals): void {
    const living = this.living();
    // In one call, so that none is forked behind our back.
    const group = this.#group === undefined || !groupExists(this.#group) ? undefined : this.#group;
    const members = group === undefined ? [] : livingMembers(group);
    if (group !== undefined) signalGroup(group, signal);
    for (const each of living) if (!members.includes(each.pid)) signalProcess(each, signal);
  }

  /** Once none of those that we know is in the group any more, its number may have been given to strangers. */
  #groupMembers(known: readonly ProcessIdentity[] | undefined): number[] {
    if (this.#group === undefined) return [];
    const members = livingMembers(this.#group);
    const isOurs = known === undefined || known.some(({ pid }) => members.includes(pid));
    // Without /proc nobody is known but by the group itself.
    if (isOurs || process.platform !== 'linux') return members;
    this.#group = undefined;
    return [];
  }

  #descendants(known: readonly ProcessIdentity[]): number[] {
    const { root } = this.#tree;
    return descendantsOf([...(root === undefined ? [] : [root]), ...known.map(({ pid }) => pid)]);
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
