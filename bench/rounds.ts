import { figure, figuresOf, type Figures } from './figures.js';
import { say } from './progress.js';

/** One of those that are measured side by side. */
export interface Contender {
  readonly name: string;
  /** Does it once, and says how long that took, in the bench's own unit. */
  readonly once: (round: number) => Promise<number>;
}

export interface Series {
  readonly name: string;
  readonly figures: Figures;
}

/** All contenders once, then all once more: a slow minute of the machine hits everyone alike. */
export async function inRounds(
  what: string,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Series[]> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, once } of contenders) {
      const value = await once(round);
      values.get(name)?.push(value);
      say(`${what}, round ${round + 1} of ${rounds}: ${name} ${figure(value)}`);
    }
  }
  return [...values].map(([name, all]) => ({ name, figures: figuresOf(all) }));
}

/**
 * One to another: the median of what it was in each round, since a round's minute was as slow for both. Not a number where one of
 * them was not measured.
 */
export const ratioOf = (series: readonly Series[], ours: string, peer: string): number =>
  figuresOf(inEachRound(series, ours, peer, (we, they) => we / they)).median;

/** What two of them make together, round by round. */
export function inEachRound(
  series: readonly Series[],
  one: string,
  other: string,
  made: (one: number, other: number) => number,
): number[] {
  const valuesOf = (name: string): readonly number[] =>
    series.find(each => each.name === name)?.figures.values ?? [];
  const others = valuesOf(other);
  return valuesOf(one).flatMap((value, round) => {
    const beside = others[round];
    return beside === undefined ? [] : [made(value, beside)];
  });
}

/** Median of one of them; not a number where it was not measured. */
export const medianOf = (series: readonly Series[], name: string): number =>
  series.find(each => each.name === name)?.figures.median ?? NaN;
