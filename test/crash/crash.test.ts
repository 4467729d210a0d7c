import { describe, expect, test } from '@jest/globals';
import { Dice } from '../simulation/dice.js';
import { KINDS, type Kind } from './kinds.js';

const SEED = Number(process.env.CRASH_SEED ?? 20_261_121);
const LONGEST_MS = 180_000;

/** Of the syscalls a few, spread by the seed; `npm run crash` plays them all. */
const COUNTS: Readonly<Record<string, number>> = { syscalls: 3, failures: 3, 'take-overs': 2 };

async function findings(kind: Kind): Promise<Record<string, readonly string[]>> {
  const wrong: Record<string, readonly string[]> = {};
  for await (const one of kind.some(new Dice(SEED), COUNTS[kind.name] ?? 1))
    if (one.wrong.length > 0) wrong[one.name] = one.wrong;
  return wrong;
}

describe(`after a crash nothing is lost, nothing run twice and nothing left over (CRASH_SEED=${SEED})`, () => {
  for (const kind of KINDS) {
    const obstacle = kind.obstacle();
    if (obstacle !== undefined) test.skip(`${kind.name}: not played, ${obstacle}`, () => undefined);
    else
      test(
        `${kind.name}: ${kind.what}`,
        async () => {
          expect(await findings(kind)).toEqual({});
        },
        LONGEST_MS,
      );
  }
});
