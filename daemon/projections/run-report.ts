import { layout } from '../../bus-schema/layout.js';
import type { RunReport } from '../../bus-schema/report.js';
import type { Run, TaskNode } from '../scheduler/state.js';

type TaskReport = RunReport['tasks'][number];

/** How a run ended, or stands now: what `report.json` holds and every text report is made from. */
export function runReport(run: Run, now: { readonly at: number; readonly wall: string }): RunReport {
  const { tally, plan } = run;
  const groups = new Map(plan.groups.flatMap(group => group.tasks.map(id => [id, group.id] as const)));
  const tasks = run.nodes.map(node => taskReport(node, groups.get(node.task.id)));
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
    workersUsed: run.workers.size,
    ...(plan.wave === undefined ? {} : { wave: plan.wave }),
    counts: { total: tasks.length, before: plan.tasks.filter(task => task.done).length, ...tally },
    tasks,
  };
}

function taskReport(node: TaskNode, group: string | undefined): TaskReport {
  const { status, task } = node;
  const report: TaskReport = {
    id: task.id,
    title: task.title,
    end: endOf(node),
    wave: node.wave + 1,
    attempts: node.attempts,
  };
  if (group !== undefined) report.group = group;
  if (task.asked?.agent !== undefined) report.agent = task.asked.agent;
  if (task.output !== undefined) report.output = task.output;
  if (task.asked?.output !== undefined) report.askedOutput = task.asked.output;
  if (status.kind === 'ended') {
    if (status.end.kind === 'skipped') report.cause = status.end.cause;
    if (status.end.kind === 'failed' || status.end.kind === 'cancelled') report.cause = status.end.message;
  }
  if (task.review !== undefined && status.kind !== 'before') report.review = reviewOf(node);
  return { ...report, ...workOf(node) };
}

/** Of the work, not of its reviews; but the log is that of the attempt after which the task ended. */
function workOf({ run, last, lastWork }: TaskNode): Partial<TaskReport> {
  if (last === undefined || lastWork === undefined) return {};
  const { worker, startedAt, settledAt, exit, outcome } = lastWork;
  const { commit, summary } =
    outcome.kind === 'complete' ? outcome : { commit: undefined, summary: undefined };
  return {
    worker,
    startedMs: startedAt - run.startedAt,
    durationMs: exit?.durationMs ?? settledAt - startedAt,
    log: layout.attemptLog(run.id, (last.outcome.kind === 'complete' ? lastWork : last).id),
    ...(commit === undefined ? {} : { commit }),
    ...(summary === undefined ? {} : { summary }),
  };
}

function reviewOf({ reviewed }: TaskNode): NonNullable<TaskReport['review']> {
  if (reviewed === undefined) return { rounds: 0, approved: false, remaining: [] };
  const { rounds, verdict } = reviewed;
  return { rounds, approved: verdict.approved, remaining: [...verdict.issues] };
}

/** A task that has not ended is shown as cancelled: a report is asked for at the end, and only a stopped run has such. */
function endOf(node: TaskNode): TaskReport['end'] {
  if (node.status.kind === 'before') return 'before';
  return node.status.kind === 'ended' ? node.status.end.kind : 'cancelled';
}
