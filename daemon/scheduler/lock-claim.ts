import type { WorkerId } from '../../bus-schema/ids.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import type { Drop, Meaning } from './attribution.js';
import { CLOCK_TICK_MS, openAttemptsOf, taskInName } from './lookup.js';
import { MOST_LOCKS } from './run-lock.js';
import type { Attempt, State } from './state.js';

/** What a drop about locks means: who asks for which files, or gives which back. */
export function lockMeaning(state: State, drop: Drop): Meaning {
  const gives = drop.name.type === 'FILE_UNLOCK';
  const { paths, wrong } = pathsOf(drop.paths ?? []);
  if (wrong.length > 0) return refused(drop, wrong.join('; '));
  const whose = attemptBehind(state, drop);
  if (typeof whose === 'string')
    return gives ? unlockOfNobody(state, drop, paths, whose) : refused(drop, whose);
  if (gives) {
    const withdraw = drop.withdraw === true ? { withdraw: true as const } : {};
    const given = paths.length === 0 ? 'all' : paths;
    return {
      kind: 'request',
      message: { type: 'LocksGivenBack', attempt: whose.id, paths: given, ...withdraw },
    };
  }
  if (paths.length === 0) return refused(drop, 'it names no path');
  if (whose.locks.size + paths.length > MOST_LOCKS)
    return refused(drop, `an attempt may hold at most ${MOST_LOCKS} paths beside those it declared`);
  // By a line a worker of the source system tells that it has taken a file. It does not wait, whatever we say.
  const claimed = drop.isLine === true ? { claimed: true as const } : {};
  return { kind: 'request', message: { type: 'LocksAsked', attempt: whose.id, paths, ...claimed } };
}

function pathsOf(texts: readonly string[]): { paths: RepoPath[]; wrong: string[] } {
  if (texts.length > MOST_LOCKS) return { paths: [], wrong: [`it names more than ${MOST_LOCKS} paths`] };
  const read = texts.map(text => parseRepoPath(text));
  return {
    paths: read.flatMap(each => (each.ok ? [each.value] : [])),
    wrong: read.flatMap(each => (each.ok ? [] : [each.error])),
  };
}

/** The attempt that speaks, or why it is nobody. */
function attemptBehind(state: State, drop: Drop): Attempt | string {
  const { token, task, worker, run } = drop;
  if (token !== undefined) {
    for (const attempt of state.attempts.values()) if (attempt.token === token) return attempt;
    return 'its token belongs to no open attempt; an attempt that was given up changes nothing any more';
  }
  const slot = worker === undefined ? undefined : state.slots.get(worker as WorkerId);
  const named = task ?? (worker === undefined ? undefined : taskInName(worker));
  if (named === undefined) return slot ?? 'it does not say whose it is: by token, task_id or worker_id';
  const [attempt, other] = openAttemptsOf(state, named, run);
  if (attempt === undefined) return `no attempt of task ${named} is open`;
  if (other !== undefined)
    return `runs ${attempt.node.run.id} and ${other.node.run.id} both run a task ${named}; name the run or the token`;
  const isOld = drop.mtimeMs + CLOCK_TICK_MS < attempt.wallAt;
  return isOld ? 'it is older than the attempt that runs now' : attempt;
}

/** A program outside of our attempts may give back what it holds; an event without any content is for others to see. */
function unlockOfNobody(state: State, drop: Drop, paths: readonly RepoPath[], why: string): Meaning {
  const worker = drop.worker ?? '';
  const own = paths.filter(path => state.outsiders.get(path)?.worker === worker);
  if (own.length > 0)
    return { kind: 'request', message: { type: 'OutsideLocksGone', worker, paths: own, why: 'released' } };
  const saysNothing = paths.length === 0 && drop.token === undefined && drop.task === undefined;
  return saysNothing ? { kind: 'passed-over' } : refused(drop, why);
}

/** A line stays where it is: what means nothing to us is somebody else's talk. */
function refused({ isLine }: Drop, why: string): Meaning {
  return isLine === true ? { kind: 'passed-over' } : { kind: 'stray', why };
}
