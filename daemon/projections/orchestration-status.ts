import { unreachable } from '../../bus-schema/result.js';
import type { End } from '../../bus-schema/outcome.js';
import type { Run, TaskNode } from '../scheduler/state.js';
import { statusBlock, type TaskStand } from './orchestration-block.js';

/** How a tasks file's run stands, in the form of the system that the format comes from. */
export function orchestrationStatus(run: Run, now: { readonly at: number }): string {
  const elapsedMs = (run.ended?.at ?? now.at) - run.startedAt;
  return statusBlock({ plan: run.plan, stands: standsOf(run), elapsedMs });
}

/** Where each task stands, by its id. */
export function standsOf(run: Run): Map<string, TaskStand> {
  return new Map(run.nodes.map(node => [node.task.id, standOf(node)]));
}

function standOf({ status, attempts, forgiven }: TaskNode): TaskStand {
  switch (status.kind) {
    case 'before':
      return { kind: 'complete' };
    case 'waiting':
    case 'ready':
      return { kind: 'open' };
    case 'deferred':
      return { kind: 'deferred' };
    case 'blocked':
      return { kind: 'locked' };
    case 'running': {
      const { worker, locks } = status.attempt;
      return { kind: 'running', worker, locks: [...locks.keys()] };
    }
    case 'backoff':
      return { kind: 'again', attempt: attempts - forgiven + 1 };
    case 'ended':
      return standOfEnd(status.end);
    default:
      return unreachable(status);
  }
}

function standOfEnd(end: End): TaskStand {
  switch (end.kind) {
    case 'complete':
    case 'cancelled':
      return { kind: end.kind };
    case 'failed':
      return { kind: 'failed', cause: end.message };
    case 'skipped':
      return { kind: 'skipped', because: end.cause };
    default:
      return unreachable(end);
  }
}
