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
    expect(liveness.silent(rig.state, rig.at + 1e9)).toEqual([]);
    expect(liveness.lastSign(rig.attempt('patient'))).toBeUndefined();
  });

  test('after a sign is held against an attempt when its own run’s limit is over, not before', () => {
    const { rig, liveness } = running();
    const [patient, strict] = [rig.attempt('patient'), rig.attempt('strict')];
    liveness.sign(patient, 5000);
    liveness.sign(strict, 5000);
    expect(liveness.silent(rig.state, 5100)).toEqual([]);
    expect(liveness.silent(rig.state, 5101)).toEqual([strict]);
    expect(liveness.silent(rig.state, 6001)).toEqual([patient, strict]);
    liveness.sign(patient, 6001);
    expect(liveness.silent(rig.state, 6002)).toEqual([strict]);
    expect(liveness.lastSign(patient)).toBe(6001);
  });

  test('of settled attempts is forgotten', () => {
    const { rig, liveness } = running();
    const strict = rig.attempt('strict');
    liveness.sign(strict, 0);
    rig.complete('strict');
    expect(liveness.silent(rig.state, 1e9)).toEqual([]);
    expect(liveness.lastSign(strict)).toBeUndefined();
  });
});
