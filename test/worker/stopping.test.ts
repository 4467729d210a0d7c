import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOrder } from '../../bus-schema/assignment.js';
import { layout } from '../../bus-schema/layout.js';
import { claimSchema } from '../../bus-schema/lease.js';
import { until } from '../until.js';
import { lives, Rig, stateOf } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

/** Ignores SIGTERM; `exec` would keep that, but so a SIGKILL to the whole group is needed. */
const STUBBORN = `trap '' TERM; echo $$ >> pids; while :; do sleep 0.05; done`;

describe('an order to stop', () => {
  test('ends the command by SIGTERM, so that it can tidy up', async () => {
    const order = rig
      .start()
      .send('t1', `trap 'echo tidied; exit 5' TERM; echo >> up; while :; do sleep 0.01; done`);
    await rig.written('up');
    rig.stop(order, 'cancelled');
    const told = await rig.told(order);
    expect(told.file).toBe('TASK_FAILED_t1.event');
    expect(told.outcome).toEqual({ kind: 'cancelled', message: 'cancelled' });
    expect(told.exit?.code).toBe(5);
    expect(rig.output(order)).toMatch(/tidied\n$/);
  });

  test.each([
    ['timeout', { kind: 'timed-out', message: 'ran longer than its timeout of 1m00s' }],
    ['stalled', { kind: 'failed', reason: 'stalled', message: 'showed no more sign of progress' }],
    ['stopped', { kind: 'cancelled', message: 'cancelled: the run was stopped' }],
    ['reported', { kind: 'failed', reason: 'signal', message: 'ended by SIGTERM: last words' }],
  ] as const)('for the reason "%s" is told as such', async (reason, outcome) => {
    const order = rig.start().send('t1', 'echo last words; echo >> up; exec sleep 60');
    await rig.written('up');
    rig.stop(order, reason);
    expect((await rig.told(order)).outcome).toEqual(outcome);
  });

  test('ends by SIGKILL what ignores SIGTERM', async () => {
    const order = rig.start().send('t1', STUBBORN);
    const pid = Number(await rig.written('pids'));
    rig.stop(order, 'cancelled');
    const told = await rig.told(order);
    expect(told.outcome.kind).toBe('cancelled');
    expect(told.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(lives(pid)).toBe(false);
  });

  test('reaches a command that stands still', async () => {
    const order = rig
      .start()
      .send('t1', `trap 'echo heard; exit 0' TERM; echo $$ >> pids; kill -STOP $$; sleep 60`, {
        killGraceMs: 30_000,
      });
    const pid = Number(await rig.written('pids'));
    await until(() => stateOf(pid) === 'T');
    rig.stop(order, 'cancelled');
    await rig.told(order);
    expect(rig.output(order)).toContain('heard');
  });

  test('ends children that left group and session', async () => {
    const order = rig
      .start()
      .send('t1', `setsid sh -c "${STUBBORN.replaceAll('$', '\\$')}" & setsid sleep 300 & wait`);
    const pid = Number(await rig.written('pids'));
    rig.stop(order, 'cancelled');
    expect((await rig.told(order)).outcome.kind).toBe('cancelled');
    expect(lives(pid)).toBe(false);
  });

  test('leaves the command time to end by itself, and then tells its own outcome', async () => {
    const order = rig.start().send('t1', 'echo >> up; until test -e go; do sleep 0.01; done');
    await rig.written('up');
    rig.stop(order, 'reported', 60_000);
    writeFileSync(join(rig.root, 'go'), '');
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
  });

  test('for a reported outcome is followed by that outcome, told as such', async () => {
    const order = rig.start().send('t1', 'echo >> up; exec sleep 60');
    await rig.written('up');
    rig.stop(order, 'reported', 0, { kind: 'complete', commit: 'abcdef1' });
    const told = await rig.told(order);
    expect(told.file).toBe('TASK_COMPLETE_t1.event');
    expect(told.outcome).toEqual({ kind: 'complete', commit: 'abcdef1' });
    expect(told.exit?.signal).toBe('SIGTERM');
  });

  test('for a reported success does not spare the task its accept command', async () => {
    const order = rig.start().send('t1', 'echo >> up; exec sleep 60', { accept: 'touch asked; exit 1' });
    await rig.written('up');
    rig.stop(order, 'reported', 0, { kind: 'complete' });
    const told = await rig.told(order);
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-accepted' });
    expect(existsSync(join(rig.root, 'asked'))).toBe(true);
  });

  test('that is more pressing than an earlier one wins', async () => {
    const order = rig.start().send('t1', 'echo >> up; sleep 60');
    await rig.written('up');
    rig.stop(order, 'reported', 60_000);
    rig.stop(order, 'cancelled', 0);
    expect((await rig.told(order)).outcome).toMatchObject({ kind: 'cancelled' });
  });

  test('for one that still waits takes its claim, and it is never started', async () => {
    const first = rig.start().send('t1', 'until test -e go; do sleep 0.01; done');
    const second = rig.send('t2', 'touch witness');
    rig.stop(second, 'cancelled');
    const told = await rig.told(second);
    expect(rig.toldAlready(first)).toBeUndefined();
    expect(told.outcome).toEqual({ kind: 'cancelled', message: 'cancelled before it was started' });
    expect(told.exit).toBeUndefined();
    const claim: unknown = JSON.parse(rig.read(layout.claim(rig.run, second.attempt)) ?? '');
    expect(claimSchema.parse(claim).attempt).toBe(second.attempt);
    writeFileSync(join(rig.root, 'go'), '');
    await rig.told(first);
    await rig.told(rig.send('t3', 'true'));
    expect(existsSync(join(rig.root, 'witness'))).toBe(false);
  });

  test('for an attempt that is over or unknown changes nothing', async () => {
    const over = rig.start().send('t1', 'true');
    await rig.told(over);
    rig.stop(over, 'cancelled');
    rig.stop(rig.order('t9', 'true'), 'cancelled');
    expect((await rig.told(rig.send('t2', 'true'))).outcome.kind).toBe('complete');
    expect(rig.toldAlready(over)?.outcome.kind).toBe('complete');
  });
});

describe('a timeout', () => {
  test('is kept by the worker alone', async () => {
    const order = rig.start().send('t1', 'sleep 60', { timeoutMs: 250 });
    const told = await rig.told(order);
    expect(told.outcome).toEqual({ kind: 'timed-out', message: 'ran longer than its timeout of 250ms' });
    expect(told.exit?.signal).toBe('SIGTERM');
    expect(told.exit?.durationMs).toBeGreaterThanOrEqual(250);
  });

  test('does not count the time in which the worker stood still', async () => {
    const order = rig
      .start()
      .send('t1', 'echo >> up; until test -e go; do sleep 0.01; done', { timeoutMs: 1500 });
    await rig.written('up');
    rig.signal('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, 1600)); // longer than the whole timeout
    rig.signal('SIGCONT');
    writeFileSync(join(rig.root, 'go'), '');
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
  });
});

describe('children that outlive their command', () => {
  test('are ended after a grace; exit 0 stays complete, with a warning', async () => {
    const order = rig
      .start()
      .send(
        't1',
        `(${STUBBORN.replace('$$', '$(exec sh -c "echo \\$PPID")')}) & until test -s pids; do :; done`,
      );
    const told = await rig.told(order);
    expect(told.outcome).toEqual({
      kind: 'complete',
      warning: 'children outlived the command and were ended',
    });
    const pid = Number(await rig.written('pids'));
    expect(pid).toBeGreaterThan(1);
    expect(lives(pid)).toBe(false);
  });

  test('are waited for when they end within the grace', async () => {
    const order = rig.start().send('t1', '(until test -e go; do sleep 0.01; done; echo late) & echo >> up', {
      settleGraceMs: 60_000,
    });
    await rig.written('up');
    expect(rig.toldAlready(order)).toBeUndefined();
    writeFileSync(join(rig.root, 'go'), '');
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
    expect(rig.output(order)).toBe('late\n');
  });

  test('without any mark are ended with their group', async () => {
    const order = rig.start().send('t1', 'env -i /bin/sleep 300 & echo $! >> pids');
    const pid = Number(await rig.written('pids'));
    expect((await rig.told(order)).outcome).toMatchObject({ kind: 'complete', warning: expect.any(String) });
    expect(lives(pid)).toBe(false);
  });

  test('keep the next attempt waiting', async () => {
    rig.start();
    const first = rig.order('t1', 'sleep 300 & echo $! >> pids');
    const second = rig.order('t2', 'grep State /proc/$(cat pids)/status');
    rig.append(encodeOrder(first) + encodeOrder(second));
    await rig.told(second);
    expect(rig.output(second)).not.toMatch(/State:\s+[RSDT]/);
  });
});
