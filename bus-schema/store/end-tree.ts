import { findMarked, signalMarked } from './marker-scan.js';
import { groupExists, livingMembers, signalGroup } from './process-group.js';

/** What is to be ended. */
export interface Tree {
  /** Found by this mark are those that left the group. */
  readonly attempt: string;
  /** The command's process group, if the caller knows that it is still the attempt's (see `groupOf`). */
  readonly group?: number | undefined;
  /** From SIGTERM to SIGKILL. */
  readonly termGraceMs: number;
}

/** A process that forks in a loop, or sleeps in the kernel, may outlast a SIGKILL; so many are tried. */
const KILL_ROUNDS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * Ends all processes of an attempt: SIGTERM and SIGCONT (a stopped one could not hear the first), a grace, then SIGKILL
 * until none is left. Those that would not die come back as survivors.
 */
export async function endTree(tree: Tree): Promise<{ survivors: number[] }> {
  signalTree(tree, 'SIGTERM');
  signalTree(tree, 'SIGCONT');
  const until = performance.now() + tree.termGraceMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (livingOf(tree).length === 0) return { survivors: [] };
    const left = until - performance.now();
    if (left <= 0) break;
    await sleep(Math.min(pause, left));
  }
  return { survivors: await killAll(tree) };
}

async function killAll(tree: Tree): Promise<number[]> {
  for (
    let round = 0, pause = 5;
    round < KILL_ROUNDS;
    round++, pause = Math.min(pause * 2, 2 * LONGEST_PAUSE_MS)
  ) {
    signalTree(tree, 'SIGKILL');
    await sleep(pause);
    if (livingOf(tree).length === 0) return [];
  }
  return livingOf(tree);
}

function signalTree(tree: Tree, signal: NodeJS.Signals): void {
  const group = tree.group === undefined ? [] : livingMembers(tree.group);
  const strays = findMarked(tree.attempt).filter(found => !group.includes(found.pid));
  if (tree.group !== undefined && groupExists(tree.group)) signalGroup(tree.group, signal);
  for (const stray of strays) signalMarked(stray, tree.attempt, signal);
}

function livingOf(tree: Tree): number[] {
  const group = tree.group === undefined ? [] : livingMembers(tree.group);
  return [...new Set([...group, ...findMarked(tree.attempt).map(found => found.pid)])];
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
