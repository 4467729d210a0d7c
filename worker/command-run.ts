import type { Exit } from '../bus-schema/outcome.js';
import type { Result } from '../bus-schema/result.js';
import { unlessShort } from '../bus-schema/store/errors.js';
import { endTree, type Tree } from '../bus-schema/store/end-tree.js';
import { groupExists, livingMembers } from '../bus-schema/store/process-group.js';
import type { StartOrder } from '../bus-schema/assignment.js';
import type { Bell } from './bell.js';
import type { Command } from './command.js';
import type { Enclosure } from './enclosure.js';
import type { Ending, EndReason } from './ending.js';

/** How one command of an attempt (its work, or its `accept`) ended, with all its processes gone but for `undying`. */
export type CommandEnd =
  | { readonly kind: 'not-started'; readonly message: string }
  | { readonly kind: 'exited'; readonly exit: Exit; readonly childrenEnded: boolean }
  | { readonly kind: 'ended-by-us'; readonly reason: EndReason; readonly exit: Exit }
  | { readonly kind: 'undying'; readonly survivors: readonly number[]; readonly exit: Exit | undefined };

/** What a running command is watched with. */
export interface Watch {
  readonly order: StartOrder;
  readonly ending: Ending;
  /** Rung when something is asked of the attempt, and at each beat. */
  readonly bell: Bell;
  /** See `Enclosure`. */
  readonly members: Enclosure['members'];
}

/** Sees a command from its start to the last of its processes. */
export async function runCommand(started: Result<Command, string>, watch: Watch): Promise<CommandEnd> {
  if (!started.ok) return { kind: 'not-started', message: started.error };
  const command = started.value;
  const exit = await exitOrEndDue(command, watch);
  if (exit === undefined) return end(command, watch);
  if (await becomesEmpty(command.pid, watch)) return { kind: 'exited', exit, childrenEnded: false };
  const { survivors } = await endTree(treeOf(command, watch));
  return survivors.length === 0
    ? { kind: 'exited', exit, childrenEnded: true }
    : { kind: 'undying', survivors, exit };
}

/** The command's exit, or undefined when its end is due before. */
async function exitOrEndDue(command: Command, { ending, bell }: Watch): Promise<Exit | undefined> {
  const seen: { exit?: Exit } = {};
  void command.ended.then(exit => {
    seen.exit = exit;
    bell.ring();
  });
  for (;;) {
    if (seen.exit !== undefined) return seen.exit;
    const inMs = ending.inMs;
    if (inMs <= 0) return undefined;
    // The beats ring, so that the clock sees when all of us stood still.
    await bell.wait(inMs);
  }
}

async function end(command: Command, watch: Watch): Promise<CommandEnd> {
  const { reason } = watch.ending;
  const { survivors } = await endTree(treeOf(command, watch));
  if (survivors.length === 0) return { kind: 'ended-by-us', reason, exit: await command.ended };
  const exit = survivors.includes(command.pid) ? undefined : await command.ended;
  return { kind: 'undying', survivors, exit };
}

const LONGEST_PAUSE_MS = 250;
/** From here on it is worth a walk of /proc to see whether only zombies are left. */
const EXACT_FROM_MS = 40;

/**
 * Waits for the children that outlive a command; false when they have had their grace, or the attempt's end is due. Where
 * nothing holds them together, those that left the group are not looked for: it would cost each command a walk of /proc.
 */
async function becomesEmpty(group: number, watch: Watch): Promise<boolean> {
  const { order, ending, bell } = watch;
  const until = performance.now() + order.settleGraceMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (unlessShort(() => isEmpty(group, watch, pause >= EXACT_FROM_MS)) === true) return true;
    const leftMs = Math.min(until - performance.now(), ending.inMs);
    if (leftMs <= 0) return unlessShort(() => isEmpty(group, watch, true)) === true;
    await bell.wait(Math.min(pause, leftMs));
  }
}

function isEmpty(group: number, { members }: Watch, exactly: boolean): boolean {
  if (members !== undefined) return members().length === 0;
  return !groupExists(group) || (exactly && livingMembers(group).length === 0);
}

function treeOf(command: Command, { order, members }: Watch): Tree {
  const { attempt, killGraceMs: termGraceMs } = order;
  return { attempt, group: command.pid, root: process.pid, members, termGraceMs };
}
