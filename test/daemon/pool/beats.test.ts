import { describe, expect, test } from '@jest/globals';
import type { WorkerId } from '../../../bus-schema/ids.js';
import { Beats } from '../../../daemon/pool/beats.js';

const [one, two] = ['worker-1', 'worker-2'] as WorkerId[] as [WorkerId, WorkerId];

describe('a worker', () => {
  test('is silent when its beat has not changed for more than three beats, whatever it says', () => {
    const beats = new Beats(100);
    expect(beats.look(new Map([[one, 9e15]]), 0).silent).toEqual([]);
    expect(beats.look(new Map([[one, 9e15]]), 300).silent).toEqual([]);
    expect(beats.look(new Map([[one, 9e15]]), 301).silent).toEqual([one]);
    expect(beats.look(new Map([[one, 1]]), 302).silent).toEqual([]);
  });

  test('that has never beaten is judged from when it was first looked at', () => {
    const beats = new Beats(100);
    beats.look(new Map([[one, undefined]]), 1000);
    expect(beats.look(new Map([[one, undefined]]), 1301).silent).toEqual([one]);
  });

  test('that stopped within a beat of a silent one is suspected with it', () => {
    const beats = new Beats(100);
    beats.look(
      new Map([
        [one, 1],
        [two, 1],
      ]),
      0,
    );
    beats.look(
      new Map([
        [one, 1],
        [two, 2],
      ]),
      90,
    );
    expect(
      beats.look(
        new Map([
          [one, 1],
          [two, 2],
        ]),
        301,
      ),
    ).toEqual({
      watched: 2,
      suspects: 2,
      silent: [one],
      limitMs: 300,
    });
  });

  test('is not blamed for time in which nobody looked', () => {
    const beats = new Beats(100);
    beats.look(new Map([[one, 1]]), 0);
    beats.excuse(10_000);
    expect(beats.look(new Map([[one, 1]]), 10_300).silent).toEqual([]);
    expect(beats.look(new Map([[one, 1]]), 10_301).silent).toEqual([one]);
  });
});
