import { BusUp } from '../bus-up.js';
import { independent, PLAIN_COMMAND } from '../dags.js';
import { timesOf } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { openIdleBus } from '../idle-bus.js';
import { inRounds, ratioOf, type Contender, type Series } from '../rounds.js';
import { seriesTable, type Table } from '../table.js';

const SMALL = 1000;
const MOST = 1.25;

/** Whether it gets slower with size: of a run, and of what lies behind. */
export const slope: Goal = {
  number: 'G5',
  about:
    'cost of a task in a large run to that in a small one, and of an event with many behind it to that with none',
  tasks: 'tasks of the large run, and twice the events that lie behind; the small run has 1,000',
  full: { rounds: 3, tasks: 100_000 },
  short: { rounds: 1, tasks: 10_000 },
  measure,
};

/** A bus of each kind: with processes and without. */
type Open = () => Promise<BusUp>;

async function measure({ rounds, tasks }: Size): Promise<Findings> {
  const sizes = [SMALL, tasks];
  const whole = await inRounds(
    'slope',
    sizes.map(each => contender(each, () => BusUp.warm())),
    rounds,
  );
  const bare = await inRounds(
    'slope without processes',
    sizes.map(each => contender(each, openIdleBus)),
    rounds,
  );
  const behind = tasks / 2;
  const events = await eventSeries(behind, rounds);
  const tables: Table[] = [
    seriesTable(`A task \`${PLAIN_COMMAND}\`, by the size of its run`, 'µs', whole, nameOf(SMALL)),
    seriesTable('A task without a process, by the size of its run', 'µs', bare, nameOf(SMALL)),
    seriesTable(`An event and all it brings about, by what lies behind it`, 'µs', events, FRESH),
  ];
  const verdicts = [
    verdict('cost of a task', whole, nameOf(SMALL), nameOf(tasks)),
    verdict('the same without its process', bare, nameOf(SMALL), nameOf(tasks)),
    verdict('cost of an event', events, FRESH, lateName(behind)),
  ];
  return { tables, verdicts };
}

const nameOf = (count: number): string => `${count.toLocaleString('en')} tasks`;

/** On a bus of its own, whose daemon is warm, or the small run would pay for that alone. */
function contender(count: number, open: Open): Contender {
  return {
    name: nameOf(count),
    once: async () => {
      const bus = await open();
      try {
        await bus.run(independent(SMALL, PLAIN_COMMAND));
        return ((await bus.run(independent(count, PLAIN_COMMAND))) / count) * 1000;
      } finally {
        await bus.close();
      }
    },
  };
}

const FRESH = 'with none behind';
const lateName = (behind: number): string => `with ${behind.toLocaleString('en')} behind`;

/** A task without a process is one event file, taken in, judged, journalled and put away. */
async function eventSeries(behind: number, rounds: number): Promise<Series[]> {
  const late = await openIdleBus();
  try {
    await late.run(independent(behind, PLAIN_COMMAND));
    const fresh = contender(SMALL, openIdleBus);
    return await inRounds(
      'events',
      [
        { name: FRESH, once: fresh.once },
        {
          name: lateName(behind),
          once: async () => ((await late.run(independent(SMALL, PLAIN_COMMAND))) / SMALL) * 1000,
        },
      ],
      Math.max(3, rounds),
    );
  } finally {
    await late.close();
  }
}

function verdict(what: string, series: readonly Series[], from: string, to: string): Verdict {
  const ratio = ratioOf(series, to, from);
  return {
    ...{ goal: 'G5', what: `${what}, ${to}`, peer: from, peerFigure: '1.00x', ours: timesOf(ratio) },
    ...{ ratio, wanted: `≤ ${MOST}x`, met: ratio <= MOST },
  };
}
