import { describe, expect, test } from '@jest/globals';
import { nextWakeAt, TIMEOUT_SLACK_MS } from '../../../daemon/scheduler/stall.js';
import { aPlan, SchedulerRig } from './rig.js';

const types = (facts: readonly { type: string }[]): string[] => facts.map(fact => fact.type);

describe('an attempt past its timeout', () => {
  test('is left to its worker at first, then ended once', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a', timeoutMs: 5000 }]));
    rig.at += 5000 + TIMEOUT_SLACK_MS - 1;
    expect(rig.say({ type: 'Tick' })).toEqual([]);
    rig.at += 1;
    expect(rig.say({ type: 'Tick' })).toMatchObject([
      { type: 'AttemptStopping', task: 'a', reason: 'timeout' },
    ]);
    rig.at += 1_000_000;
    expect(rig.say({ type: 'Tick' })).toEqual([]);
    expect(rig.running).toEqual(['a']);
  });

  test('found silent, it is ended once, and its task goes on as after a failure', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a', retries: 1 }]));
    const attempt = rig.attempt('a');
    expect(types(rig.say({ type: 'Stalled', attempt }))).toEqual(['AttemptStopping']);
    expect(rig.say({ type: 'Stalled', attempt })).toEqual([]);
    expect(types(rig.fail('a'))).toEqual(['AttemptSettled', 'RetryScheduled']);
    expect(rig.say({ type: 'Stalled', attempt })).toEqual([]);
  });
});

describe('the next instant worth waking for', () => {
  test('is none where nothing waits for time', () => {
    const rig = new SchedulerRig();
    expect(nextWakeAt(rig.state)).toBeUndefined();
    rig.submit(aPlan([{ id: 'a' }]));
    rig.complete('a');
    expect(nextWakeAt(rig.state)).toBeUndefined();
  });

  test('is the earliest of all deadlines and retries', () => {
    const rig = new SchedulerRig();
    rig.submit(
      aPlan([
        { id: 'slow', timeoutMs: 900_000 },
        { id: 'fast', timeoutMs: 5000 },
        { id: 'again', retries: 1 },
      ]),
    );
    expect(nextWakeAt(rig.state)).toBe(rig.at + 5000 + TIMEOUT_SLACK_MS);
    const [, scheduled] = rig.fail('again');
    if (scheduled?.type !== 'RetryScheduled') throw new Error('no retry');
    expect(nextWakeAt(rig.state)).toBe(scheduled.retryAt);
    rig.at = scheduled.retryAt;
    expect(types(rig.say({ type: 'Tick' }))).toEqual(['RetryDue', 'AttemptStarted']);
    rig.say({ type: 'Stalled', attempt: rig.attempt('fast') });
    expect(nextWakeAt(rig.state)).toBe(1_000_000 + 900_000 + TIMEOUT_SLACK_MS);
  });
});
