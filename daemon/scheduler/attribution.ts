import type { EventName } from '../../bus-schema/event-name.js';
import type { RunId, TaskId } from '../../bus-schema/ids.js';
import type { Exit, Outcome } from '../../bus-schema/outcome.js';
import { lockMeaning } from './lock-claim.js';
import { CLOCK_TICK_MS, namedIn } from './lookup.js';
import type { Message } from './message.js';
import type { Attempt, Run, State, TaskNode } from './state.js';

/** An event file as it was read: what it says, and who it says it is from. Claims, none of them trusted. */
export interface Drop {
  readonly file: string;
  readonly name: EventName;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly run?: string;
  readonly attempt?: string;
  readonly token?: string;
  /** Given by a worker once the attempt's processes are gone; outside writers cannot know it. */
  readonly outcome?: Outcome;
  readonly exit?: Exit;
  /** 0 … 100. */
  readonly progress?: number;
  /** Of a request about locks: the paths it names, and whom it says it is from. */
  readonly paths?: readonly string[];
  readonly task?: string;
  readonly worker?: string;
  readonly withdraw?: true;
  /** A line of the feed: it stays, whatever it means. */
  readonly isLine?: true;
  /** A word, a commit's sha, an error's text. */
  readonly text: string;
}

/** What a drop means: to whom it belongs, or why it belongs to nobody. */
export type Meaning =
  | { readonly kind: 'message'; readonly message: Message; readonly run: RunId }
  /** Proof that an attempt gets on. */
  | { readonly kind: 'sign'; readonly attempt: Attempt; readonly progress: number | undefined }
  | { readonly kind: 'request'; readonly message: Message }
  /** Its effect has been had; the file stays where its readers look for it. */
  | { readonly kind: 'known'; readonly run: RunId }
  /** Ours, or for readers other than the daemon. */
  | { readonly kind: 'passed-over' }
  | { readonly kind: 'stray'; readonly why: string };

export function meaningOf(state: State, drop: Drop): Meaning {
  switch (drop.name.type) {
    case 'TASK_COMPLETE':
    case 'TASK_FAILED':
      return drop.token === undefined ? byTask(state, drop) : byToken(state, drop, drop.token);
    case 'PROGRESS':
    case 'HEARTBEAT':
    case 'BLOCKED':
      return signOf(state, drop);
    case 'PAUSE_REQUESTED':
      return { kind: 'request', message: { type: 'Pause' } };
    case 'DEP_READY':
      return saidOf(state, run => run.byId.has(drop.name.id as TaskId));
    case 'PARALLEL_COMPLETE':
      return saidOf(state, run => run.ended !== undefined && (run.plan.track ?? run.id) === drop.name.id);
    case 'FILE_LOCK_REQUEST':
    case 'FILE_UNLOCK':
      return lockMeaning(state, drop);
    case 'BOARD_RESOLVE':
    case 'PLAN_COMPLETE':
    case 'PLAN_EVAL_COMPLETE':
    case 'EXECUTE_COMPLETE':
    case 'EXEC_EVAL_COMPLETE':
    case 'FIX_COMPLETE':
      return { kind: 'passed-over' };
  }
}

/** With a token, only that attempt is meant. */
function byToken(state: State, drop: Drop, token: string): Meaning {
  for (const attempt of state.attempts.values()) {
    if (attempt.token === token)
      return isNamed(attempt.node, drop)
        ? outcomeFor(attempt, drop)
        : stray('its token is that of another task');
  }
  const run = state.runs.get(drop.run as RunId);
  const node = run === undefined ? undefined : namedIn(run, drop.name.id);
  if (node?.last !== undefined && node.last.id === drop.attempt) return { kind: 'known', run: node.run.id };
  return stray('its token belongs to no open attempt; an attempt that was given up changes nothing any more');
}

/** Without one, the task's only open attempt is meant, if the file is younger than it. */
function byTask(state: State, drop: Drop): Meaning {
  const teller = drop.isLine === true ? undefined : runThatHeard(state, drop);
  if (teller !== undefined) return { kind: 'known', run: teller.id };
  const open = [...state.attempts.values()].filter(({ node }) => isMeant(node, drop));
  const [attempt, other] = open;
  if (attempt === undefined)
    return settledBefore(state, drop) ?? stray(`no attempt of task ${drop.name.id} is open`);
  const rival = other?.node ?? alsoMeant(state, attempt.node, drop);
  if (rival !== undefined)
    return stray(
      `runs ${attempt.node.run.id} and ${rival.run.id} both ran a task ${drop.name.id} when it came; name the run or the token`,
    );
  if (drop.attempt !== undefined && drop.attempt !== attempt.id)
    return stray('it names an attempt that is over');
  if (drop.mtimeMs + CLOCK_TICK_MS < attempt.wallAt)
    return stray('it is older than the attempt that runs now');
  return outcomeFor(attempt, drop);
}

/**
 * A task of that name in another run, whose attempts were going on when the drop came and have ended since: the drop may be
 * theirs. Not of the last one alone: a file that was put away comes back when the power fails before its folder is synced.
 */
function alsoMeant(state: State, node: TaskNode, drop: Drop): TaskNode | undefined {
  for (const run of state.runs.values()) {
    const other = run === node.run ? undefined : namedIn(run, drop.name.id);
    const { firstWallAt, last } = other ?? {};
    if (other === undefined || firstWallAt === undefined || last === undefined || !isMeant(other, drop))
      continue;
    // By the wall's time, as the file's is: bus time leaves out what nobody saw.
    const [from, to] = [firstWallAt - CLOCK_TICK_MS, Date.parse(last.settledWall) + CLOCK_TICK_MS];
    if (from <= drop.mtimeMs && drop.mtimeMs <= to) return other;
  }
  return undefined;
}

/**
 * By which a file is known again that has had its effect: the same one never counts twice for a task, whatever clocks say.
 * An outbox tells of several.
 */
export function sourceKey(
  { inode, mtimeMs }: { readonly inode: number; readonly mtimeMs: number },
  task: TaskId,
): string {
  return `${inode} ${mtimeMs} ${task}`;
}

function runThatHeard(state: State, drop: Drop): Run | undefined {
  for (const run of state.runs.values()) {
    const node = namedIn(run, drop.name.id);
    if (node !== undefined && run.heard.has(sourceKey(drop, node.task.id))) return run;
  }
  return undefined;
}

function isMeant(node: TaskNode, drop: Drop): boolean {
  return (drop.run === undefined || drop.run === node.run.id) && isNamed(node, drop);
}

function isNamed(node: TaskNode, drop: Drop): boolean {
  return namedIn(node.run, drop.name.id) === node;
}

/** The drop that told the outcome of a settled attempt, or one more that says the same. */
function settledBefore(state: State, drop: Drop): Meaning | undefined {
  for (const run of [...state.runs.values()].reverse()) {
    const node = namedIn(run, drop.name.id);
    if (node !== undefined && toldBy(node, drop)) return { kind: 'known', run: run.id };
  }
  return undefined;
}

function toldBy(node: TaskNode, drop: Drop): boolean {
  const { last } = node;
  if (last === undefined || !isMeant(node, drop)) return false;
  const agrees = (last.outcome.kind === 'complete') === (drop.name.type === 'TASK_COMPLETE');
  return agrees && drop.mtimeMs + CLOCK_TICK_MS >= last.wallAt;
}

function outcomeFor(attempt: Attempt, drop: Drop): Meaning {
  const run = attempt.node.run.id;
  // Only with the token: a word that the processes are gone frees slot and locks, so it must be the worker's.
  if (drop.outcome !== undefined && drop.token !== undefined) {
    const { outcome, exit } = drop;
    return {
      kind: 'message',
      run,
      message: { type: 'Exited', attempt: attempt.id, outcome, ...(exit === undefined ? {} : { exit }) },
    };
  }
  const source = { file: drop.file, inode: drop.inode, mtimeMs: drop.mtimeMs };
  return {
    kind: 'message',
    run,
    message: { type: 'Reported', attempt: attempt.id, outcome: reportedOutcome(drop), source },
  };
}

function reportedOutcome(drop: Drop): Outcome {
  if (drop.outcome !== undefined) return drop.outcome;
  const text = drop.text.trim();
  if (drop.name.type === 'TASK_FAILED')
    return {
      kind: 'failed',
      reason: 'reported',
      message: text === '' ? 'reported as failed' : text.slice(0, 2000),
    };
  return /^[0-9a-f]{7,40}$/.test(text) ? { kind: 'complete', commit: text } : { kind: 'complete' };
}

/**
 * What a daemon before us has said goes where its run's events go, or a later run of the same track would find it. Of the
 * runs that it could be about, the last is meant.
 */
function saidOf(state: State, isMeant: (run: Run) => boolean): Meaning {
  const run = [...state.runs.values()].reverse().find(isMeant);
  return run === undefined ? { kind: 'passed-over' } : { kind: 'known', run: run.id };
}

/** PROGRESS and BLOCKED name a task, HEARTBEAT a worker. */
function signOf(state: State, drop: Drop): Meaning {
  for (const attempt of state.attempts.values()) {
    const meant =
      drop.token === undefined
        ? drop.name.type === 'HEARTBEAT'
          ? attempt.worker === drop.name.id
          : isMeant(attempt.node, drop)
        : attempt.token === drop.token;
    if (meant) return { kind: 'sign', attempt, progress: drop.progress };
  }
  return stray(`nothing that runs answers to ${drop.name.id}`);
}

function stray(why: string): Meaning {
  return { kind: 'stray', why };
}
