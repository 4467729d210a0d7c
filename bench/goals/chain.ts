import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BusUp } from '../bus-up.js';
import { chain as chainOf, PLAIN_COMMAND, SLOTS, type Dag } from '../dags.js';
import { figure, figuresOf } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { toldBy } from '../peer-program.js';
import type { LoopJobs } from '../peers/spawn-loop.js';
import { inNewFolder, ROOT } from '../place.js';
import { inEachRound, inRounds, medianOf, ratioOf } from '../rounds.js';
import { present, type Runner } from '../runner.js';
import { NINJA, ninja } from '../runners/ninja.js';
import { UP } from '../runners/signalbox.js';
import { seriesTable } from '../table.js';
import { asRunner } from '../tool.js';

const AS_A_WORKER = 'process alone, as a worker starts it';
const PLAINLY = 'process alone, without a shell';
const MOST_OVER_US = 700;

/** How long it takes from the end of a task to the start of the one that waits for it. */
export const chain: Goal = {
  number: 'G4',
  about: 'time per hop of a chain, beside ninja and the bare process',
  tasks: 'tasks of the chain',
  full: { rounds: 7, tasks: 300 },
  short: { rounds: 3, tasks: 300 },
  measure,
};

async function measure({ rounds, tasks }: Size): Promise<Findings> {
  const bus = await BusUp.warm();
  try {
    const dag = chainOf(tasks, PLAIN_COMMAND);
    const all = present<Runner>([
      { name: UP, run: each => bus.run(each) },
      asRunner(ninja()),
      { name: AS_A_WORKER, run: each => inLoop(each, true) },
      { name: PLAINLY, run: each => inLoop(each, false) },
    ]);
    const contenders = all.map(({ name, run }) => ({
      name,
      once: async () => ((await run(dag)) / tasks) * 1000,
    }));
    const series = await inRounds('chain', contenders, rounds);
    const [we, they] = [medianOf(series, UP), medianOf(series, NINJA)];
    const ratio = ratioOf(series, UP, NINJA);
    const over = figuresOf(inEachRound(series, UP, AS_A_WORKER, (hop, bare) => hop - bare)).median;
    const own: Verdict = {
      ...{ goal: 'G4', what: 'hop over the process', peer: 'our own limit' },
      ...{ peerFigure: figure(MOST_OVER_US, 'µs'), ours: figure(over, 'µs'), ratio: over / MOST_OVER_US },
      ...{ wanted: `≤ ${MOST_OVER_US} µs`, met: over <= MOST_OVER_US },
    };
    const beside: Verdict = {
      ...{ goal: 'G4', what: 'whole hop', peer: NINJA, peerFigure: figure(they, 'µs') },
      ...{ ours: figure(we, 'µs'), ratio, wanted: '≤ 1.00x', met: ratio <= 1 },
    };
    const title = `A chain of ${tasks} tasks, each \`${PLAIN_COMMAND}\`, per hop`;
    const verdicts = Number.isNaN(they) ? [own] : [own, beside];
    return { tables: [seriesTable(title, 'µs', series, NINJA)], verdicts };
  } finally {
    await bus.close();
  }
}

function inLoop({ steps }: Dag, asAWorker: boolean): Promise<number> {
  return inNewFolder(folder => {
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const worker = join(ROOT, 'dist', 'worker');
    const jobs: LoopJobs = {
      ...{ packages: folder, folder: logs, slots: SLOTS, idle: false, durability: '', steps },
      ...(asAWorker && { startsBy: pathToFileURL(worker).href }),
    };
    return toldBy('spawn-loop', folder, jobs);
  });
}
