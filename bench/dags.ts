import { Dice } from '../test/simulation/dice.js';

/** What one task of a workload is, for every tool the same. */
export interface Step {
  readonly id: string;
  readonly deps: readonly string[];
  readonly command: string;
  /** How long its command sleeps. */
  readonly ms: number;
}

/** A workload. Steps stand after all that they depend on. */
export interface Dag {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Attempts at once, in every bench and for every tool. */
export const SLOTS = 5;

/** A command that needs a shell, and one that does not: some tools leave the shell out where they can. */
export const SHELL_COMMAND = ': && /bin/true';
export const PLAIN_COMMAND = '/bin/true';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const idOf = (index: number): string => `t${index}`;

type Needs = readonly (readonly number[])[];

function dagOf(name: string, needs: Needs, workOf: (index: number) => Pick<Step, 'command' | 'ms'>): Dag {
  return {
    name,
    steps: needs.map((deps, index) => ({ id: idOf(index), deps: deps.map(idOf), ...workOf(index) })),
  };
}

/** The same work for each. */
const always = (command: string) => () => ({ command, ms: 0 });

export const independent = (count: number, command: string): Dag =>
  dagOf(
    'independent',
    range(count).map(() => []),
    always(command),
  );

export const chain = (count: number, command: string): Dag =>
  dagOf(
    'chain',
    range(count).map(index => (index === 0 ? [] : [index - 1])),
    always(command),
  );

/** Layers of fifty; each task needs two to four, four of five from the layer before it and the others from any earlier. */
export function layered(count: number, command: string, seed = 1): Dag {
  const dice = new Dice(seed);
  const width = 50;
  const needs = range(count).map(index => {
    const layer = Math.floor(index / width);
    if (layer === 0) return [];
    const from = (layer - 1) * width;
    const wanted = dice.between(2, 4);
    const deps = new Set<number>();
    while (deps.size < wanted)
      deps.add(layer === 1 || dice.chance(0.8) ? from + dice.upTo(width - 1) : dice.upTo(from - 1));
    return [...deps].sort((a, b) => a - b);
  });
  return dagOf('layered', needs, always(command));
}

/** Most sleep little more than 10 ms, a few thirty times as long. */
const tailed = (dice: Dice): number => Math.min(300, Math.round(10 / (1 - dice.roll()) ** (1 / 0.75)));

const sleeping = (name: string, needs: Needs, ms: (index: number) => number): Dag => {
  const times = needs.map((_, index) => ms(index));
  return dagOf(name, needs, index => sleepOf(times[index] ?? 0));
};

const sleepOf = (ms: number): Pick<Step, 'command' | 'ms'> => ({
  command: `sleep ${(ms / 1000).toFixed(3)}`,
  ms,
});

/** Eight layers of fifteen with heavy-tailed durations; each task needs one to three of the layer before. */
export function tailedLayers(seed: number): Dag {
  const dice = new Dice(seed);
  const needs = range(120).map(index => {
    const from = (Math.floor(index / 15) - 1) * 15;
    return from < 0 ? [] : [...new Set(range(dice.between(1, 3)).map(() => from + dice.upTo(14)))];
  });
  return sleeping(`layers, seed ${seed}`, needs, () => tailed(dice));
}

/** One task prepares, ten go side by side, one joins them and prepares the next: five times. */
function forkJoin(): Dag {
  const dice = new Dice(11);
  const needs = range(60).map(index => {
    const [round, place] = [Math.floor(index / 12), index % 12];
    if (place === 11) return range(10).map(each => round * 12 + 1 + each);
    if (place > 0) return [round * 12];
    return round === 0 ? [] : [round * 12 - 1];
  });
  return sleeping('fork and join', needs, () => tailed(dice));
}

/** Twelve packages, each fetched, built, tested and packed; the last of all publishes them. The later stand first in need. */
function pipelines(): Dag {
  const dice = new Dice(12);
  const stages = [20, 90, 140, 30];
  const needs = range(49).map(index =>
    index === 48 ? range(12).map(each => each * 4 + 3) : index % 4 === 0 ? [] : [index - 1],
  );
  return sleeping('pipelines', needs, index =>
    index === 48 ? 20 : Math.round((stages[index % 4] ?? 0) * (0.4 + 1.2 * dice.roll())),
  );
}

/** Many short tasks, and behind the last of them in the plan's order a chain of three long ones. */
function stragglers(): Dag {
  const dice = new Dice(13);
  const needs = range(64).map(index => (index > 60 ? [index - 1] : []));
  return sleeping('stragglers', needs, index => (index >= 60 ? 250 : 20 + dice.upTo(60)));
}

export const workflows = (): Dag[] => [forkJoin(), pipelines(), stragglers()];

/** No tool can be faster: the longest way through the plan, or all work shared out evenly. */
export function lowerBoundMs({ steps }: Dag): number {
  const ends = new Map<string, number>();
  for (const { id, deps, ms } of steps)
    ends.set(id, ms + Math.max(0, ...deps.map(each => ends.get(each) ?? 0)));
  const work = steps.reduce((sum, each) => sum + each.ms, 0);
  return Math.max(work / SLOTS, ...ends.values());
}

/** Tasks that nothing waits for. */
export function lastOf({ steps }: Dag): string[] {
  const needed = new Set(steps.flatMap(each => each.deps));
  return steps.map(each => each.id).filter(id => !needed.has(id));
}
