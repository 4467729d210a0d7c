import { expect, test } from '@jest/globals';
import { ActiveClock } from '../../worker/active-clock.js';

function clockAt(times: number[]): ActiveClock {
  return new ActiveClock(100, () => times.shift() ?? NaN);
}

test('counts time that is looked at often enough', () => {
  const clock = clockAt([1000, 1040, 1140]);
  expect([clock.look(), clock.look()]).toEqual([40, 140]);
});

test('counts a gap as the longest step, however long it was', () => {
  const clock = clockAt([0, 50, 3_600_000, 3_600_010]);
  expect([clock.look(), clock.look(), clock.look()]).toEqual([50, 150, 160]);
});
