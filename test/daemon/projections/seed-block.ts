import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fixtures = process.env.SIGNALBOX_FIXTURES;
const seeds = fixtures === undefined ? undefined : join(fixtures, '..', 'seeds');

/**
 * A block of the sample that the orchestrate format comes from, by a line that stands in it; undefined where the samples
 * are not at hand.
 */
export function seedBlock(line: string): string | undefined {
  if (seeds === undefined || !existsSync(seeds)) return undefined;
  const file = readdirSync(seeds).find(name => name.startsWith('004_'));
  if (file === undefined) return undefined;
  const blocks = readFileSync(join(seeds, file), 'utf8').split(/^```.*\n/m);
  return blocks.find(block => block.split('\n').includes(line));
}

export const NO_SEED = 'not compared: SIGNALBOX_FIXTURES names no folder with the samples beside it';
