import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaiting } from '../e2e/witness.js';
import { Rig } from '../e2e/rig.js';
import { until } from '../until.js';
import {
  endOfRun,
  feedOf,
  freeze,
  HASTY,
  letPass,
  logOf,
  startsIn,
  submit,
  thaw,
  up,
  workerPid,
} from './machine.js';

/** Longer than every limit: three beats, a heartbeat timeout of 4 s, a late round. */
const LONG_MS = 9000;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

/** Two tasks that have shown a sign, and go on only when they are told to. */
function talkers(): void {
  const command = `echo hello; echo $SIGNALBOX_TASK_ID >> begun; ${awaiting('go')}; echo $SIGNALBOX_ATTEMPT_ID >> witness`;
  rig.plan(
    'plan.json',
    [
      {
        id: 'a',
        command: `echo $$ >> pids; while [ ! -e go ]; do echo on; sleep 0.3; done; ${command}`,
        retries: 0,
      },
      {
        id: 'b',
        command: `echo $$ >> pids; while [ ! -e go ]; do echo on; sleep 0.3; done; ${command}`,
        retries: 0,
      },
    ],
    { settings: { max_parallel: 2, heartbeat_timeout: '4s', on_failure: 'continue' } },
  );
}

const bothTalk = (): Promise<true> =>
  until(
    () => startsIn(rig).a === 1 && startsIn(rig).b === 1 && feedOf(rig).includes('WORKER_DISPATCHED'),
    15_000,
  );

async function nobodyWasReaped(): Promise<void> {
  writeFileSync(join(rig.repo, 'go'), '');
  await endOfRun(rig);
  expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
  expect(rig.report()).toMatchObject({ verdict: 'PASS', counts: { complete: 2 } });
  expect(feedOf(rig)).not.toContain('WORKER_REPLACED');
}

describe('time in which nobody could look', () => {
  test('daemon, workers and commands stopped together, as when the machine sleeps: it counts for nobody', async () => {
    talkers();
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await bothTalk();
    await until(
      () => filesSayPid('worker-1') && filesSayPid('worker-2') && rig.lines('pids').length === 2,
      10_000,
    );
    const commands = rig.lines('pids').map(Number);
    const all = [daemon.pid, workerPid(rig, 'worker-1'), workerPid(rig, 'worker-2'), ...commands];
    await freeze(...all);
    await letPass(LONG_MS);
    // The daemon first: it looks before its workers could beat.
    thaw(daemon.pid);
    await until(() => logOf(rig).includes('a round came late'), 20_000, 'the daemon to notice the gap');
    thaw(...all);
    await nobodyWasReaped();
  }, 90_000);

  test('the daemon alone stopped, or blocked: nobody is reaped', async () => {
    talkers();
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await bothTalk();
    await freeze(daemon.pid);
    await letPass(LONG_MS);
    thaw(daemon.pid);
    await until(() => logOf(rig).includes('a round came late'), 20_000, 'the daemon to notice the gap');
    await nobodyWasReaped();
  }, 90_000);

  test('the daemon dead and away: the next one adopts the workers, and nobody is reaped', async () => {
    talkers();
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await bothTalk();
    await until(() => filesSayPid('worker-1') && filesSayPid('worker-2'), 10_000);
    const before = [workerPid(rig, 'worker-1'), workerPid(rig, 'worker-2')];
    daemon.kill('SIGKILL');
    await daemon.ended;
    await letPass(LONG_MS);
    await up(rig);
    await until(() => logOf(rig).split('"fate":"alive"').length === 3, 10_000, 'both to be adopted');
    await nobodyWasReaped();
    expect([workerPid(rig, 'worker-1'), workerPid(rig, 'worker-2')]).toEqual(before);
  }, 90_000);
});

const filesSayPid = (id: string): boolean => rig.read(`.message-bus/workers/${id}/pid.json`) !== '';
