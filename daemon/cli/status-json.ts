import { conflictFor } from './conflicts.js';
import { holderName } from '../scheduler/lock.js';
import type { Run, State, TaskNode } from '../scheduler/state.js';
import type { Sight } from './sight.js';
import type { Sign } from './sign.js';

/**
 * `status --json`. Without a run: every run that has not ended and the last one that has. With one: that run, and each of
 * its tasks.
 */
export function statusJson(sight: Sight, run: Run | undefined): object {
  const { state, sign, place } = sight;
  return {
    bus: place.bus,
    daemon: daemonJson(sign),
    paused: state.paused,
    draining: sign.up && state.draining,
    max_parallel: state.maxParallel,
    at: new Date().toISOString(),
    runs: (run === undefined ? shownRuns(state) : [run]).map(each => runJson(sight, each)),
    ...(run === undefined ? {} : { tasks: run.nodes.map(node => taskJson(state, node)) }),
  };
}

function daemonJson(sign: Sign): object {
  if (!sign.up) return { up: false };
  const { holder, startedAt, polling } = sign.lease ?? {};
  return { up: true, pid: holder?.pid, since: startedAt, polling };
}

/** The last run that ended, and those that have not. */
export function shownRuns(state: State): Run[] {
  const ended = [...state.runs.values()].filter(run => run.ended !== undefined).at(-1);
  return [...(ended === undefined ? [] : [ended]), ...state.active];
}

export function stateOf(run: Run): 'running' | 'paused' | 'stopping' | 'ended' {
  if (run.ended !== undefined) return 'ended';
  if (run.stopping !== undefined) return 'stopping';
  return run.paused ? 'paused' : 'running';
}

function runJson({ state, at, stuck }: Sight, run: Run): object {
  const attempts = [...state.attempts.values()].filter(({ node }) => node.run === run);
  const { complete, failed, skipped, cancelled } = run.tally;
  return {
    run: run.id,
    name: run.plan.name,
    track: run.plan.track,
    plan: run.plan.source,
    state: stateOf(run),
    verdict: run.ended?.verdict,
    total: run.nodes.length,
    before: run.nodes.length - run.open - complete - failed - skipped - cancelled,
    ...run.tally,
    running: run.running,
    left: run.open - run.running,
    started_at: run.startedWall,
    elapsed_ms: (run.ended?.at ?? at) - run.startedAt,
    attempts: attempts.map(({ id, node, worker, number, startedWall, stopping }) => ({
      attempt: id,
      task: node.task.id,
      title: node.task.title,
      worker,
      number,
      started_at: startedWall,
      stopping,
      ...(stuck.has(id) ? { stuck: stuck.get(id) } : {}),
    })),
  };
}

function taskJson(state: State, node: TaskNode): object {
  const { task, status, attempts, last } = node;
  const conflict = conflictFor(state, node);
  return {
    task: task.id,
    title: task.title,
    status: status.kind === 'ended' ? status.end.kind : status.kind,
    attempts,
    ...(status.kind === 'ended' && 'message' in status.end ? { message: status.end.message } : {}),
    ...(status.kind === 'ended' && status.end.kind === 'skipped' ? { cause: status.end.cause } : {}),
    ...(status.kind === 'waiting' ? { blockers: node.blockers } : {}),
    ...(conflict === undefined
      ? {}
      : {
          waiting_for: conflict.path,
          holder: holderName(conflict),
          ...(conflict.kind === 'attempt' ? { holder_task: conflict.holder.node.task.id } : {}),
        }),
    ...(last === undefined ? {} : { last_attempt: last.id, last_outcome: last.outcome.kind }),
  };
}
