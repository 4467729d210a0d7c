import { independent, PLAIN_COMMAND } from '../dags.js';
import { figure } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { openIdleBus } from '../idle-bus.js';
import { inRounds, medianOf, ratioOf } from '../rounds.js';
import { present, type Runner } from '../runner.js';
import { bullmq, sqlite } from '../runners/queue.js';
import { seriesTable } from '../table.js';

const OURS = 'signalbox bus';
const MOST_US = 200;
/** The peer that is as durable as we are and that most would take. */
const REFERENCE = 'BullMQ, always';

/** What the bus costs a task that does nothing: real daemon, journal and files, and workers that start no process. */
export const bus: Goal = {
  number: 'G2',
  about: 'cost of the bus per task that does nothing, beside queues',
  tasks: 'tasks of a run',
  full: { rounds: 5, tasks: 3000 },
  short: { rounds: 3, tasks: 3000 },
  measure,
};

async function measure({ rounds, tasks }: Size): Promise<Findings> {
  const up = await openIdleBus();
  try {
    const dag = independent(tasks, PLAIN_COMMAND);
    const idle = { idle: true };
    const all = present<Runner>([
      { name: OURS, run: each => up.run(each) },
      ...[bullmq('everysec', idle), bullmq('always', idle), sqlite('NORMAL', idle), sqlite('FULL', idle)],
    ]);
    await up.run(dag); // workers and daemon as warm as they get
    const contenders = all.map(({ name, run }) => ({
      name,
      once: async () => ((await run(dag)) / tasks) * 1000,
    }));
    const series = await inRounds('bus', contenders, rounds);
    const we = medianOf(series, OURS);
    const peers = series.filter(each => each.name !== OURS && !Number.isNaN(each.figures.median));
    const own: Verdict = {
      ...{ goal: 'G2', what: 'bus per task', peer: 'our own limit', peerFigure: figure(MOST_US, 'µs') },
      ...{ ours: figure(we, 'µs'), ratio: we / MOST_US, wanted: `≤ ${MOST_US} µs`, met: we <= MOST_US },
    };
    const beside = peers
      .filter(({ name }) => !name.endsWith('NORMAL'))
      .map(({ name, figures: { median } }): Verdict => ({
        ...{ goal: 'G2', what: 'bus per task', peer: name, peerFigure: figure(median, 'µs') },
        ...{ ours: figure(we, 'µs'), ratio: ratioOf(series, OURS, name), wanted: '≤ 1.00x' },
        met: ratioOf(series, OURS, name) <= 1,
      }));
    const title = `${tasks} independent tasks without a process, per task`;
    return { tables: [seriesTable(title, 'µs', series, REFERENCE)], verdicts: [own, ...beside] };
  } finally {
    await up.close();
  }
}
