import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../tidy/source.js';
import { MUTANTS } from './mutant-list.js';
import { Schedule } from './schedule.js';

const SMOKE = 300;

describe('whatever goes wrong, and when', () => {
  test(`in ${SMOKE} schedules no promise is broken, and everything ends`, () => {
    const broken = Array.from({ length: SMOKE }, (_, index) => new Schedule(index + 1).play()).filter(
      ({ violation }) => violation !== undefined,
    );
    expect(broken).toEqual([]);
  });

  test('the same seed is the same schedule, to the last byte of the journal', () => {
    for (const seed of [7, 75, 197]) expect(new Schedule(seed).play()).toEqual(new Schedule(seed).play());
    expect(new Schedule(7).play().digest).not.toBe(new Schedule(8).play().digest);
  });
});

test('each rule that a mutant breaks stands in the source, once', () => {
  const lost = MUTANTS.filter(
    ({ file, from }) => readFileSync(join(ROOT, file), 'utf8').split(from).length !== 2,
  );
  expect(lost.map(({ breaks }) => breaks)).toEqual([]);
});
