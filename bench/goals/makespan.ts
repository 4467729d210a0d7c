import { BusUp } from '../bus-up.js';
import { lowerBoundMs, tailedLayers, workflows, type Dag } from '../dags.js';
import { figure, figuresOf, timesOf } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { inRounds, medianOf, type Series } from '../rounds.js';
import { present, type Runner } from '../runner.js';
import { MAKE, make } from '../runners/make.js';
import { NINJA, ninja } from '../runners/ninja.js';
import { wireit } from '../runners/wireit.js';
import type { Table } from '../table.js';
import { asRunner } from '../tool.js';

const PLAIN = 'signalbox, plain';
const ESTIMATED = 'signalbox, estimates';
const LEARNED = 'signalbox, learned';
const SEEDS = 7;
const MOST = 1.02;

/** How near to the shortest possible time a run comes, when tasks take time and differ in it. */
export const makespan: Goal = {
  number: 'G3',
  about: 'makespan to its lower bound, beside make, ninja and wireit',
  tasks: 'seeds of the layered DAG, besides three workflows',
  full: { rounds: 5, tasks: SEEDS },
  short: { rounds: 2, tasks: 2 },
  measure,
};

interface Measured {
  readonly dag: Dag;
  readonly series: readonly Series[];
}

async function measure({ rounds, tasks: seeds }: Size): Promise<Findings> {
  const bus = await BusUp.warm();
  try {
    const layers = Array.from({ length: seeds }, (_, index) => tailedLayers(index + 1));
    const measured: Measured[] = [];
    for (const dag of [...layers, ...workflows()])
      measured.push({ dag, series: await ratiosOf(dag, bus, rounds) });
    return { tables: [tableOf(measured)], verdicts: verdictsOf(measured) };
  } finally {
    await bus.close();
  }
}

/** Each as a multiple of the lower bound. */
async function ratiosOf(dag: Dag, bus: BusUp, rounds: number): Promise<Series[]> {
  const bound = lowerBoundMs(dag);
  const name = dag.name.replaceAll(/[^a-z0-9]+/g, '-');
  // A plan is known again by its name: this one run teaches what the learned one knows.
  await bus.run(dag, { name: `learned-${name}` });
  const all = present<Runner>([
    { name: PLAIN, run: each => bus.run(each) },
    { name: ESTIMATED, run: each => bus.run(each, { estimates: true }) },
    { name: LEARNED, run: each => bus.run(each, { name: `learned-${name}` }) },
    ...[make(), ninja(), wireit()].map(asRunner),
  ]);
  const contenders = all.map(each => ({ name: each.name, once: async () => (await each.run(dag)) / bound }));
  return inRounds(dag.name, contenders, rounds);
}

function tableOf(measured: readonly Measured[]): Table {
  const names = measured[0]?.series.map(each => each.name) ?? [];
  const medians = (name: string): number[] => measured.map(({ series }) => medianOf(series, name));
  const isAhead = ({ series }: Measured, peer: string): string => {
    const they = medianOf(series, peer);
    const best = Math.min(medianOf(series, ESTIMATED), medianOf(series, LEARNED));
    const worst = Math.max(medianOf(series, ESTIMATED), medianOf(series, LEARNED));
    return Number.isNaN(they) ? '' : worst < they ? 'yes' : best < they ? 'one of both' : 'no';
  };
  return {
    title: 'Makespan as a multiple of the lower bound, medians',
    heads: ['DAG', 'bound, ms', ...names, 'ahead of make', 'ahead of ninja'],
    rows: [
      ...measured.map(each => [
        each.dag.name,
        figure(lowerBoundMs(each.dag)),
        ...each.series.map(({ figures }) => figures.median.toFixed(3)),
        ...[isAhead(each, MAKE), isAhead(each, NINJA)],
      ]),
      ['median of all', '', ...names.map(name => figuresOf(medians(name)).median.toFixed(3)), '', ''],
    ],
    series: measured.flatMap(({ dag, series }) =>
      series.map(each => ({ ...each, name: `${dag.name}: ${each.name}` })),
    ),
  };
}

function verdictsOf(measured: readonly Measured[]): Verdict[] {
  const middle = (name: string): number =>
    figuresOf(measured.map(({ series }) => medianOf(series, name))).median;
  const own = [ESTIMATED, LEARNED].map((name): Verdict => {
    const ratio = middle(name);
    return {
      ...{ goal: 'G3', what: `makespan, ${name.replace('signalbox, ', '')}`, peer: 'lower bound' },
      ...{ peerFigure: '1.00x', ours: timesOf(ratio), ratio, wanted: `≤ ${MOST}x`, met: ratio <= MOST },
    };
  });
  const beside = [MAKE, NINJA].flatMap((peer): Verdict[] => {
    if (Number.isNaN(middle(peer))) return [];
    return [ESTIMATED, LEARNED].map(name => {
      const ahead = measured.filter(({ series }) => medianOf(series, name) < medianOf(series, peer)).length;
      const knowing = name.replace('signalbox, ', '');
      return {
        ...{ goal: 'G3', what: `ahead on ${ahead} of ${measured.length} DAGs, ${knowing}`, peer },
        ...{ peerFigure: timesOf(middle(peer)), ours: timesOf(middle(name)) },
        ...{ ratio: middle(name) / middle(peer), wanted: 'on each', met: ahead === measured.length },
      };
    });
  });
  return [...own, ...beside];
}
