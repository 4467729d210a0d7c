import { describe, expect, test } from '@jest/globals';
import { Liveness } from '../../../daemon/scheduler/liveness.js';
import { aPlan, SchedulerRig } from './rig.js';

function running(): { rig: SchedulerRig; liveness: Liveness } {
  const rig = new SchedulerRig();
  rig.submit(aPlan([{ id: 'patient' }], { heartbeatTimeoutMs: 1000 }), 'run-1');
  rig.submit(aPlan([{ id: 'strict' }], { heartbeatTimeoutMs: 100 }), 'run-2');
  return { rig, liveness: new Liveness() };
}

describe('silence', () => {
  test('says nothing about an attempt that never gave a sign', () => {
    const { rig, liveness } = running();
    expect(liveness.look(rig.state, rig.at + 1e9).silent).toEqual([]);
    expect(liveness.lastSign(rig.attempt('patient'))).toBeUndefined();
  });

  test('after a sign is held against an attempt when its own run’s limit is over, not before', () => {
    const { rig, liveness } = running();
    const [patient, strict] = [rig.attempt('patient'), rig.attempt('strict')];
    liveness.sign(patient, 5000);
    liveness.sign(strict, 5000);
    expect(liveness.look(rig.state, 5100).silent).toEqual([]);
    expect(liveness.look(rig.state, 5101).silent).toEqual([strict]);
    expect(liveness.look(rig.state, 6001).silent).toEqual([patient, strict]);
    liveness.sign(patient, 6001);
    expect(liveness.look(rig.state, 6002).silent).toEqual([strict]);
    expect(liveness.lastSign(patient)).toBe(6001);
  });

  test('of settled attempts is forgotten', () => {
    const { rig, liveness } = running();
    const strict = rig.attempt('strict');
    liveness.sign(strict, 0);
    rig.complete('strict');
    expect(liveness.look(rig.state, 1e9).silent).toEqual([]);
    expect(liveness.lastSign(strict)).toBeUndefined();
  });

  test('in time in which nobody looked is held against nobody', () => {
    const { rig, liveness } = running();
    const strict = rig.attempt('strict');
    liveness.sign(strict, 1000);
    liveness.excuse(60_000);
    expect(liveness.look(rig.state, 61_100).silent).toEqual([]);
    expect(liveness.look(rig.state, 61_101).silent).toEqual([strict]);
  });

  test('is weighed against all that have ever shown a sign', () => {
    const { rig, liveness } = running();
    const [patient, strict] = [rig.attempt('patient'), rig.attempt('strict')];
    liveness.sign(patient, 5000);
    liveness.sign(strict, 5000);
    expect(liveness.look(rig.state, 5101)).toEqual({
      watched: 2,
      suspects: 1,
      silent: [strict],
      limitMs: 100,
    });
    expect(liveness.look(rig.state, 6001)).toMatchObject({ suspects: 2, limitMs: 1000 });
  });
});
