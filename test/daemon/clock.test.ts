import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BusClock } from '../../daemon/clock.js';

let monotonic: number;
let wall: number;
beforeEach(() => {
  monotonic = 500;
  wall = 1_700_000_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic);
  jest.spyOn(Date, 'now').mockImplementation(() => wall);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('bus time', () => {
  test('goes on from where the journal ended, whatever the wall clock says', () => {
    const clock = new BusClock(1_000_000);
    expect(clock.now()).toBe(1_000_000);
    monotonic += 1234.4;
    wall -= 3_600_000;
    expect(clock.now()).toBe(1_001_234);
    expect(clock.wall()).toBe(wall);
  });

  test('begins at the wall’s time on a new bus', () => {
    expect(new BusClock(0).now()).toBe(1_700_000_000_000);
  });

  test('leaves out all but the limit of a gap in which nobody looked', () => {
    const clock = new BusClock(1_000_000);
    monotonic += 15_000;
    expect(clock.now()).toBe(1_015_000);
    monotonic += 8 * 3_600_000;
    expect(clock.now()).toBe(1_030_000);
    monotonic += 1000;
    expect(clock.now()).toBe(1_031_000);
  });

  test('loses nothing by being looked at often', () => {
    const clock = new BusClock(1_000_000);
    for (let look = 0; look < 10_000; look++) {
      monotonic += 0.3;
      clock.now();
    }
    expect(clock.now()).toBe(1_003_000);
  });

  test('never goes back', () => {
    const clock = new BusClock(1_000_000);
    let last = clock.now();
    for (const step of [0, 0.4, 0, 20_000, 0.6, 1]) {
      monotonic += step;
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });
});
