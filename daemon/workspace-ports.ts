import type { RunId, TaskId } from '../bus-schema/ids.js';
import type { WorkspaceView } from '../bus-schema/workspace.js';
import type { Intake } from './intake.js';
import type { DaemonLog } from './log.js';
import type { Loop } from './loop.js';
import { executionPlan } from './plan/execution-plan.js';
import type { Clock } from './ports.js';
import { orchestrationStatus } from './projections/orchestration-status.js';
import { workspaceView } from './projections/workspace-view.js';
import type { Run } from './scheduler/state.js';
import type { WorkspacePorts } from './workspace/workspaces.js';

/** What the session folders of runs are to the rest of the daemon. The parts are asked for when they are there. */
export function workspacePorts(parts: {
  loop: () => Loop;
  intake: () => Intake;
  clock: Clock;
  log: DaemonLog;
}): WorkspacePorts {
  const runOf = (id: RunId): Run | undefined => parts.loop().state.runs.get(id);
  const viewOf = (run: Run | undefined): WorkspaceView | undefined => {
    if (run?.plan.workspace === undefined) return undefined;
    const progress = `${orchestrationStatus(run, { at: parts.clock.now() }).trimEnd()}\n`;
    return workspaceView(run, parts.loop().state, run.plan.workspace, progress);
  };
  return {
    active: () => [...parts.loop().state.active].flatMap(run => viewOf(run) ?? []),
    viewOf: id => viewOf(runOf(id)),
    tasksOf: id => ({
      isTask: word => runOf(id)?.byId.has(word as TaskId) === true,
      workerOf: task => {
        const status = runOf(id)?.byId.get(task as TaskId)?.status;
        return status?.kind === 'running' ? status.attempt.worker : undefined;
      },
    }),
    executionPlan: id => {
      const run = runOf(id);
      if (run === undefined) return undefined;
      return `${JSON.stringify(executionPlan(run.plan, run.startedWall), null, 2)}\n`;
    },
    onHint: () => {
      parts.intake().take();
    },
    onGone: (run, message) => {
      parts.loop().post(() => ({ type: 'Abandon', run, message }));
      // It may be found out in the middle of a turn.
      setImmediate(() => {
        parts.loop().turn();
      });
    },
    onTrouble: (place, why) => {
      parts.log.warn({ place, why }, 'the session folder of a run is not as it should be');
    },
  };
}
