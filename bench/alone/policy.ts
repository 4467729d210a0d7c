import type { Plan } from '../../bus-schema/plan.js';
import { criticalMs, play } from '../../test/daemon/scheduler/makespan.js';
import { aPlan, type TaskSketch } from '../../test/daemon/scheduler/rig.js';
import { Dice } from '../../test/simulation/dice.js';

/**
 * What the order of ready tasks is worth, on the real scheduler with simulated time, so that no noise hides it: the makespan of
 * random plans with five slots, as a ratio to that in the plan's own order and to the lower bound. Durations are heavy-tailed; they
 * are known exactly, as history would have them (within a fifth), or not at all. Usage: `npm run bench:policy [plans]`.
 */
const SLOTS = 5;
const plans = Number(process.argv[2] ?? 1000);

interface Drawn {
  readonly name: string;
  readonly sketches: readonly TaskSketch[];
  readonly ms: ReadonlyMap<string, number>;
}

/** Most tasks take 10 ms, a few thirty times as long. */
const pareto = (dice: Dice): number => Math.min(300, Math.round(10 / (1 - dice.roll()) ** 0.9));

function drawn(name: string, dice: Dice, needs: readonly (readonly number[])[]): Drawn {
  const ms = new Map(needs.map((_, index) => [`t${index}`, pareto(dice)]));
  return {
    name,
    ms,
    sketches: needs.map((own, index) => ({ id: `t${index}`, needs: own.map(need => `t${need}`) })),
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Eight layers of fifteen, each task after one to three of the layer before. */
const layered = (dice: Dice): number[][] =>
  range(120).map(index => {
    const layer = Math.floor(index / 15);
    return layer === 0
      ? []
      : [...new Set(range(dice.between(1, 3)).map(() => (layer - 1) * 15 + dice.upTo(14)))];
  });

/** Twelve pipelines of ten steps, side by side. */
const pipelines = (): number[][] => range(120).map(index => (index % 10 === 0 ? [] : [index - 1]));

/** Forks into ten and joins again, twelve times. */
const forkJoin = (): number[][] =>
  range(132).map(index => {
    const [round, place] = [Math.floor(index / 11), index % 11];
    if (place === 10) return range(10).map(each => round * 11 + each);
    return round === 0 ? [] : [round * 11 - 1];
  });

/** Anything after anything before it. */
const tangled = (dice: Dice): number[][] =>
  range(100).map(index =>
    index === 0 ? [] : [...new Set(range(dice.upTo(3)).map(() => dice.upTo(index - 1)))],
  );

const SHAPES: Readonly<Record<string, (dice: Dice) => number[][]>> = {
  layered,
  pipelines,
  forkJoin,
  tangled,
};

function planWith({ sketches, ms }: Drawn, known: (ms: number) => Partial<TaskSketch>): Plan {
  return aPlan(
    sketches.map(sketch => ({ ...sketch, ...known(ms.get(sketch.id) ?? 0) })),
    { maxParallel: SLOTS },
  );
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

console.log(`${plans} plans of each shape, ${SLOTS} slots; ratios of makespans: mean (worst)`);
console.log(
  `${'shape'.padEnd(12)}${'known'.padEnd(14)}${'to plain order'.padEnd(20)}${'to the bound'.padEnd(20)}slower than plain order by over 1 %`,
);
for (const [name, shape] of Object.entries(SHAPES)) {
  const ratios = new Map<string, { plain: number[]; bound: number[] }>();
  for (let seed = 1; seed <= plans; seed++) {
    const dice = new Dice(seed);
    const one = drawn(name, dice, shape(dice));
    const timeOf = (task: string): number => one.ms.get(task) ?? 0;
    const plain = planWith(one, () => ({ estimateMs: 0 }));
    const work = [...one.ms.values()].reduce((sum, each) => sum + each, 0);
    const bound = Math.max(work / SLOTS, criticalMs(plain, timeOf));
    const inOrder = play(plain, timeOf).makespanMs;
    const knowledge: Record<string, (ms: number) => Partial<TaskSketch>> = {
      exactly: ms => ({ estimateMs: ms }),
      'by history': ms => ({ expectedMs: Math.round(ms * (0.8 + 0.4 * dice.roll())) }),
      nothing: () => ({}),
    };
    for (const [known, give] of Object.entries(knowledge)) {
      const { makespanMs } = play(planWith(one, give), timeOf);
      const to = ratios.get(known) ?? { plain: [], bound: [] };
      to.plain.push(makespanMs / inOrder);
      to.bound.push(makespanMs / bound);
      ratios.set(known, to);
    }
  }
  for (const [known, { plain, bound }] of ratios) {
    const shown = (all: readonly number[]): string =>
      `${mean(all).toFixed(4)} (${Math.max(...all).toFixed(3)})`.padEnd(20);
    const slower = plain.filter(ratio => ratio > 1.01).length;
    console.log(`${name.padEnd(12)}${known.padEnd(14)}${shown(plain)}${shown(bound)}${slower}`);
  }
}
