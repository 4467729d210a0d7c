import { layout } from '../../bus-schema/layout.js';
import type { RunReport } from '../../bus-schema/report.js';
import type { Run, TaskNode } from '../scheduler/state.js';

type TaskReport = RunReport['tasks'][number];

/** How a run ended, or stands now: what `report.json` holds and every text report is made from. */
export function runReport(run: Run, now: { readonly at: number; readonly wall: string }): RunReport {
  const tasks = run.nodes.map(node => taskReport(node));
  const { tally, plan } = run;
  const ended = run.ended ?? { verdict: 'STOPPED' as const, ...now };
  return {
    run: run.id,
    name: plan.name,
    format: plan.format,
    ...(plan.track === undefined ? {} : { track: plan.track }),
    verdict: ended.verdict,
    startedAt: run.startedWall,
    endedAt: ended.wall,
    durationMs: ended.at - run.startedAt,
    maxParallel: plan.settings.maxParallel,
    attemptsStarted: run.attemptsStarted,
    counts: { total: tasks.length, before: plan.tasks.filter(task => task.done).length, ...tally },
    tasks,
  };
}

function taskReport(node: TaskNode): TaskReport {
  const { status, last, task } = node;
  const report: TaskReport = {
    id: task.id,
    title: task.title,
    end: endOf(node),
    wave: node.wave + 1,
    attempts: node.attempts,
  };
  if (task.asked?.agent !== undefined) report.agent = task.asked.agent;
  if (task.output !== undefined) report.output = task.output;
  if (task.asked?.output !== undefined) report.askedOutput = task.asked.output;
  if (status.kind === 'ended') {
    if (status.end.kind === 'skipped') report.cause = status.end.cause;
    if (status.end.kind === 'failed' || status.end.kind === 'cancelled') report.cause = status.end.message;
  }
  if (last === undefined) return report;
  report.worker = last.worker;
  report.startedMs = last.startedAt - node.run.startedAt;
  report.durationMs = last.exit?.durationMs ?? last.settledAt - last.startedAt;
  report.log = layout.attemptLog(node.run.id, last.id);
  if (last.outcome.kind === 'complete' && last.outcome.commit !== undefined)
    report.commit = last.outcome.commit;
  return report;
}

/** A task that has not ended is shown as cancelled: a report is asked for at the end, and only a stopped run has such. */
function endOf(node: TaskNode): TaskReport['end'] {
  if (node.status.kind === 'before') return 'before';
  return node.status.kind === 'ended' ? node.status.end.kind : 'cancelled';
}
