import { BusUp } from '../bus-up.js';
import { layered, PLAIN_COMMAND, SHELL_COMMAND } from '../dags.js';
import { figure } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { inRounds, medianOf, ratioOf, type Series } from '../rounds.js';
import { present, type Runner } from '../runner.js';
import { make, MAKE_IN_SHELL } from '../runners/make.js';
import { NINJA, ninja } from '../runners/ninja.js';
import { bullmq, sqlite } from '../runners/queue.js';
import { COLD, cold, UP } from '../runners/signalbox.js';
import { wireit } from '../runners/wireit.js';
import { seriesTable, type Table } from '../table.js';
import { asRunner } from '../tool.js';
import { verifyOnce } from '../verify.js';

/** How many tasks a second, of a DAG in layers, as a user runs it. */
export const throughput: Goal = {
  number: 'G1',
  about: 'time of a DAG of 1,000 tiny tasks, beside ninja, make, queues and wireit',
  tasks: 'tasks of the DAG',
  full: { rounds: 5, tasks: 1000 },
  short: { rounds: 3, tasks: 1000 },
  measure,
};

async function measure(size: Size): Promise<Findings> {
  const bus = await BusUp.warm();
  try {
    const up: Runner = { name: UP, run: dag => bus.run(dag) };
    const all = present<Runner>([
      ...[up, cold(), asRunner(ninja()), asRunner(make()), asRunner(make(true))],
      ...[sqlite('NORMAL'), sqlite('FULL'), bullmq('everysec'), bullmq('always'), asRunner(wireit())],
    ]);
    for (const runner of all) await verifyOnce(runner);
    const tables: Table[] = [];
    const verdicts: Verdict[] = [];
    for (const command of [SHELL_COMMAND, PLAIN_COMMAND]) {
      const dag = layered(size.tasks, command);
      const contenders = all
        // Where the command itself needs a shell, it is what make does anyway.
        .filter(({ name }) => name !== MAKE_IN_SHELL || command !== SHELL_COMMAND)
        .map(({ name, run }) => ({ name, once: () => run(dag) }));
      const series = await inRounds(`\`${command}\``, contenders, size.rounds);
      const title = `${size.tasks} tasks in layers of 50, each \`${command}\``;
      tables.push(seriesTable(title, 'ms', series, NINJA));
      verdicts.push(...verdictsOf(command, series));
    }
    return { tables, verdicts };
  } finally {
    await bus.close();
  }
}

function verdictsOf(command: string, series: readonly Series[]): Verdict[] {
  const against = (ours: string, peer: string, most: number): Verdict[] => {
    const [we, they] = [medianOf(series, ours), medianOf(series, peer)];
    if (Number.isNaN(they)) return [];
    const ratio = ratioOf(series, ours, peer);
    return [
      {
        goal: 'G1',
        what: `${ours.replace('signalbox, ', '')}, \`${command}\``,
        ...{ peer, peerFigure: figure(they, 'ms'), ours: figure(we, 'ms') },
        ...{ ratio, wanted: `≤ ${most.toFixed(2)}x`, met: ratio <= most },
      },
    ];
  };
  const queues = series.map(each => each.name).filter(name => /^(SQLite|BullMQ)/.test(name));
  return [
    ...against(UP, NINJA, 1),
    ...against(COLD, NINJA, 1.25),
    ...queues.flatMap(queue => against(UP, queue, 1)),
  ];
}
