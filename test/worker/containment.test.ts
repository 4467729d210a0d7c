import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { layout } from '../../bus-schema/layout.js';
import { isLocked } from '../../bus-schema/store/kernel-lock.js';
import { identityOf, isRunning, signalProcess } from '../../bus-schema/store/process-identity.js';
import { aliveWith, escapingCommand, haveEscaped, TIERS } from '../escapees.js';
import { until } from '../until.js';
import { Rig, WORKER } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const ENDED = 'children outlived the command and were ended';
/** Those that hold a worker and all it starts together. */
const HOLDING = TIERS.filter(kind => kind !== 'group');

describe.each(TIERS)('in containment %s', kind => {
  test('a worker says what it is in, and who it is as others see it', async () => {
    rig.start({}, kind);
    const { holder, containment } = await rig.lease();
    expect(containment?.kind).toBe(kind);
    expect(identityOf(holder.pid)).toEqual(holder);
    expect(readFileSync(`/proc/${holder.pid}/cmdline`, 'utf8').split('\0')).toContain(rig.bus);
  });

  test('nothing of an attempt outlives its timeout', async () => {
    const mark = `${rig.run}-timed`;
    const order = rig.start({}, kind).send('t1', escapingCommand(mark, kind), { timeoutMs: 1500 });
    await until(() => haveEscaped(mark, kind));
    expect((await rig.told(order)).outcome.kind).toBe('timed-out');
    expect(aliveWith(mark)).toEqual([]);
  });

  test('nothing of an attempt outlives an order to stop, and the worker goes on', async () => {
    const mark = `${rig.run}-stopped`;
    const order = rig.start({}, kind).send('t1', escapingCommand(mark, kind));
    await until(() => haveEscaped(mark, kind));
    rig.stop(order, 'cancelled');
    expect((await rig.told(order)).outcome.kind).toBe('cancelled');
    expect(aliveWith(mark)).toEqual([]);
    expect((await rig.told(rig.send('t2', 'true'))).outcome).toEqual({ kind: 'complete' });
  });

  test('stays while there is a daemon, seen from wherever the worker is', async () => {
    const order = rig.start({ SIGNALBOX_IDLE_EXIT_MS: '1' }, kind).send('t1', 'sleep 0.5');
    await rig.told(order);
    expect((await rig.told(rig.send('t2', 'true'))).outcome).toEqual({ kind: 'complete' });
  });
});

describe.each(HOLDING)('what containment %s holds', kind => {
  test('is waited for when a command ends by itself, in its session or not', async () => {
    const mark = `${rig.run}-left`;
    const child = `setsid sh -c "sleep 0.3; echo late" ${mark}-in-time &`;
    const order = rig.start({}, kind).send('t1', child, { settleGraceMs: 60_000 });
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
    expect(rig.output(order)).toBe('late\n');
  });

  test.each([0, 7])('is ended when a command ends by itself with exit code %d', async code => {
    const mark = `${rig.run}-left`;
    const child = `env -i PATH="$PATH" setsid sh -c "while :; do sleep 0.1; done" ${mark}-child`;
    const order = rig.start({}, kind).send('t1', `(${child} &); exit ${code}`);
    const { outcome } = await rig.told(order);
    expect(outcome).toEqual(
      code === 0
        ? { kind: 'complete', warning: ENDED }
        : { kind: 'failed', reason: 'exit', message: `exit code 7 (${ENDED})` },
    );
    expect(aliveWith(mark)).toEqual([]);
  });

  test('costs a command without children no wait', async () => {
    const order = rig.start({}, kind).send('t1', '(true &); true', { settleGraceMs: 3_600_000 });
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
  });

  test('ends with its worker, without anybody’s help, and only then the lock is free', async () => {
    const mark = `${rig.run}-orphan`;
    rig.start({}, kind).send('t1', escapingCommand(mark, kind));
    await until(() => haveEscaped(mark, kind));
    signalProcess((await rig.lease()).holder, 'SIGKILL');
    await until(() => !isLocked(rig.path(layout.workerLock(WORKER))));
    expect(aliveWith(mark)).toEqual([]);
    expect(await rig.exit()).toBe(137);
  });

  test('ends with a worker that stands still and is killed', async () => {
    const mark = `${rig.run}-frozen`;
    rig.start({}, kind).send('t1', escapingCommand(mark, kind));
    await until(() => haveEscaped(mark, kind));
    const { holder } = await rig.lease();
    signalProcess(holder, 'SIGSTOP');
    signalProcess(holder, 'SIGKILL');
    await rig.exit();
    expect([isRunning(holder), aliveWith(mark)]).toEqual([false, []]);
  });
});
