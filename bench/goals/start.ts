import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BusUp } from '../bus-up.js';
import type { Dag } from '../dags.js';
import { figure } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { inNewFolder } from '../place.js';
import { inRounds, medianOf, type Contender } from '../rounds.js';
import { present, type Absent } from '../runner.js';
import { make } from '../runners/make.js';
import { ninja } from '../runners/ninja.js';
import { signalbox } from '../runners/signalbox.js';
import { wireit } from '../runners/wireit.js';
import { seriesTable } from '../table.js';
import type { Tool } from '../tool.js';
import { wholeProcess } from '../whole-process.js';

const RUN = 'signalbox run, to its first task';
const STATUS = 'signalbox status';
const NODE = 'node alone';
const STAMP = 'started';
const LIMITS = { [RUN]: 200, [STATUS]: 120 };

/** How long a user waits for a first sign. */
export const start: Goal = {
  number: 'G7',
  about: '`signalbox run` to its first task, and `signalbox status`, beside node alone',
  full: { rounds: 11, tasks: 1 },
  short: { rounds: 7, tasks: 1 },
  measure,
};

const dag: Dag = {
  name: 'start',
  steps: [{ id: 'first', deps: [], command: `date +%s%N > ${STAMP}`, ms: 0 }],
};

async function measure({ rounds }: Size): Promise<Findings> {
  const bus = await BusUp.warm();
  try {
    const status = async (): Promise<number> =>
      (await wholeProcess({ argv: signalbox('status'), cwd: bus.folder })).ms;
    const node = async (): Promise<number> =>
      (await wholeProcess({ argv: [process.execPath, '-e', '0'], cwd: bus.folder })).ms;
    const contenders = present<Contender>([
      { name: RUN, once: () => toFirst({ write: writePlan, argv: signalbox('run', 'plan.yaml') }) },
      { name: STATUS, once: status },
      { name: NODE, once: node },
      ...[ninja(), make(), wireit()].map(asContender),
    ]);
    const series = await inRounds('start', contenders, rounds);
    const bare = medianOf(series, NODE);
    const verdicts = Object.entries(LIMITS).map(([what, most]): Verdict => {
      const ms = medianOf(series, what);
      return {
        ...{ goal: 'G7', what, peer: NODE, peerFigure: figure(bare, 'ms'), ours: figure(ms, 'ms') },
        ...{ ratio: ms / bare, wanted: `≤ ${most} ms`, met: ms <= most },
      };
    });
    const title = 'From the start of the process to the first task, or to its end';
    return { tables: [seriesTable(title, 'ms', series, NODE)], verdicts };
  } finally {
    await bus.close();
  }
}

/** As people write it. */
function writePlan({ steps }: Dag, folder: string): void {
  const tasks = steps.map(({ id, command }) => `  - { id: ${id}, command: '${command}' }`);
  const plan = ['signalbox: 1', 'name: start', 'tasks:', ...tasks, ''];
  writeFileSync(join(folder, 'plan.yaml'), plan.join('\n'));
}

/** The task says itself when it was, after its shell and `date` have started: the same for every tool. */
function toFirst({ write, argv, env = {} }: Omit<Tool, 'name'>): Promise<number> {
  return inNewFolder(async folder => {
    write(dag, folder);
    const began = performance.timeOrigin + performance.now();
    await wholeProcess({ argv, cwd: folder, env });
    return Number(readFileSync(join(folder, STAMP), 'utf8')) / 1e6 - began;
  });
}

const asContender = (tool: Tool | Absent): Contender | Absent =>
  'remedy' in tool ? tool : { name: tool.name, once: () => toFirst(tool) };
