import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fixtures = process.env.SIGNALBOX_FIXTURES;
const seeds = fixtures === undefined ? undefined : join(fixtures, '..', 'seeds');

/** Said where the samples of the source systems are not at hand. */
export const NO_SAMPLES = 'not run: SIGNALBOX_FIXTURES names no folder with the samples beside it';

/** The fenced blocks of a source system's page, by the number it goes by; undefined where it is not at hand. */
export function sampleBlocks(number: string): readonly string[] | undefined {
  if (seeds === undefined || !existsSync(seeds)) return undefined;
  const file = readdirSync(seeds).find(name => name.startsWith(`${number}_`));
  if (file === undefined) return undefined;
  // What stands between two fences, and what stands outside of them: every other one.
  return readFileSync(join(seeds, file), 'utf8')
    .split(/^```.*\n/m)
    .filter((_, index) => index % 2 === 1);
}

/** Files of a folder beside the samples, such as plans from the wild. */
export function wildTexts(folder: string, ending: string): ReadonlyMap<string, string> | undefined {
  const path = fixtures === undefined ? undefined : join(fixtures, folder);
  if (path === undefined || !existsSync(path)) return undefined;
  const names = readdirSync(path).filter(name => name.endsWith(ending));
  return new Map(names.map(name => [name, readFileSync(join(path, name), 'utf8')]));
}
