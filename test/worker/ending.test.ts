import { describe, expect, test } from '@jest/globals';
import { ActiveClock } from '../../worker/active-clock.js';
import { Ending } from '../../worker/ending.js';

describe('the end of an attempt', () => {
  let now = 0;
  const ending = (timeoutMs: number): Ending => {
    now = 0;
    return new Ending(timeoutMs, new ActiveClock(1_000_000, () => now));
  };

  test('is its timeout, if nothing is asked', () => {
    const end = ending(500);
    now = 200;
    expect([end.inMs, end.reason]).toEqual([300, 'timeout']);
  });

  test('comes sooner when that is asked', () => {
    const end = ending(500);
    now = 100;
    end.ask('stopped', 50);
    expect([end.inMs, end.reason]).toEqual([50, 'stopped']);
  });

  test('is not put off by what is asked later', () => {
    const end = ending(500);
    end.ask('cancelled', 10);
    end.ask('reported', 400, { kind: 'complete' });
    expect([end.inMs, end.reason, end.accepted?.kind]).toEqual([10, 'cancelled', 'complete']);
  });

  test('is due when its time is over', () => {
    const end = ending(500);
    now = 501;
    expect(end.inMs).toBeLessThan(0);
  });
});
