import { describe, expect, test } from '@jest/globals';
import type { WorkerId } from '../../bus-schema/ids.js';
import { Beats } from '../../daemon/pool/beats.js';
import { Liveness } from '../../daemon/scheduler/liveness.js';
import { Vigil } from '../../daemon/vigil.js';
import { aPlan, SchedulerRig } from './scheduler/rig.js';

const HEARTBEAT_MS = 5000;

/** Workers whose last beats are set by hand, and two tasks that run; rounds come every two seconds unless told otherwise. */
class Watch {
  readonly rig = new SchedulerRig();
  readonly beats = new Map<WorkerId, number>();
  readonly warnings: string[] = [];
  readonly liveness = new Liveness();
  readonly vigil: Vigil;
  now = 1_000_000;

  constructor() {
    const known = new Beats(HEARTBEAT_MS);
    this.rig.submit(aPlan([{ id: 'a' }, { id: 'b' }], { heartbeatTimeoutMs: 20_000 }));
    this.vigil = new Vigil({
      workers: {
        round: now => known.look(this.beats, now),
        excuse: ms => {
          known.excuse(ms);
        },
      },
      attempts: this.liveness,
      log: {
        warn: (_context: object, message?: string) => {
          this.warnings.push(message ?? '');
        },
      },
    });
    this.vigil.begin(this.now);
  }

  beat(...numbers: readonly number[]): void {
    for (const number of numbers) this.beats.set(`worker-${number}` as WorkerId, this.now);
  }

  /** The next round, so much later: whom it ends. */
  round(ms = 2000, takesSigns = true): readonly string[] {
    this.now += ms;
    this.vigil.arrive(this.now, takesSigns);
    return [...this.vigil.frozen(this.now), ...this.vigil.stalled(this.rig.state, this.now)];
  }

  /** Rounds until somebody is ended: how many came before, and who it is. */
  untilReaped(beating: readonly number[] = []): { rounds: number; reaped: readonly string[] } {
    for (let rounds = 0; rounds < 50; rounds++) {
      this.beat(...beating);
      const reaped = this.round();
      if (reaped.length > 0) return { rounds, reaped };
    }
    return { rounds: 50, reaped: [] };
  }
}

describe('a worker that falls silent', () => {
  test('is ended after three beats', () => {
    const watch = new Watch();
    watch.beat(1, 2);
    watch.round();
    expect(watch.untilReaped([2])).toEqual({ rounds: 7, reaped: ['worker-1'] });
  });

  test('is not ended for a gap in which nobody looked, however long, but for its silence after it', () => {
    const watch = new Watch();
    watch.beat(1, 2);
    watch.round();
    for (let round = 0; round < 6; round++) {
      watch.beat(2);
      expect(watch.round()).toEqual([]);
    }
    expect(watch.round(3_600_000)).toEqual([]);
    expect(watch.warnings).toEqual([expect.stringContaining('came late')]);
    expect(watch.untilReaped([2])).toEqual({ rounds: 1, reaped: ['worker-1'] });
  });

  test('is not ended for time in which nobody could leave a sign of life, up to the round after it', () => {
    const watch = new Watch();
    watch.beat(1);
    watch.round();
    for (let round = 0; round < 30; round++) expect(watch.round(2000, false)).toEqual([]);
    expect(watch.round()).toEqual([]);
    expect(watch.untilReaped()).toEqual({ rounds: 7, reaped: ['worker-1'] });
  });

  test('at rest is not blamed for the rest', () => {
    const watch = new Watch();
    watch.beat(1);
    watch.round();
    watch.now += 600_000;
    watch.vigil.begin(watch.now);
    expect(watch.round()).toEqual([]);
  });
});

describe('many that fall silent at once', () => {
  test('are spared for one more period', () => {
    const watch = new Watch();
    watch.beat(1, 2);
    watch.round();
    const { rounds, reaped } = watch.untilReaped();
    expect(reaped).toEqual(['worker-1', 'worker-2']);
    expect(rounds).toBe(15);
    expect(watch.warnings).toEqual([expect.stringContaining('none is ended for one more period')]);
  });

  test('and while they are spared nobody looks: the gap is no part of that period', () => {
    const watch = new Watch();
    watch.beat(1, 2);
    for (let round = 0; round < 10; round++) expect(watch.round()).toEqual([]);
    // The machine sleeps. When it wakes nobody has had the time to beat yet.
    expect(watch.round(3_600_000)).toEqual([]);
    expect(watch.round()).toEqual([]);
    watch.beat(1, 2);
    expect(watch.round()).toEqual([]);
  });
});

test('an attempt that gets on no more is ended at its limit, and a gap does not bring that nearer', () => {
  const watch = new Watch();
  const [a, b] = [watch.rig.attempt('a'), watch.rig.attempt('b')];
  watch.liveness.sign(a, watch.now);
  watch.liveness.sign(b, watch.now);
  for (let round = 0; round < 9; round++) {
    expect(watch.round()).toEqual([]);
    watch.liveness.sign(b, watch.now);
  }
  expect(watch.round(600_000)).toEqual([]);
  watch.liveness.sign(b, watch.now);
  expect(watch.round()).toEqual([]);
  watch.liveness.sign(b, watch.now);
  expect(watch.round()).toEqual([a]);
});
