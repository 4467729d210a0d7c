import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rig } from '../e2e/rig.js';
import { until } from '../until.js';
import {
  endOfRun,
  feedOf,
  filesIn,
  freeze,
  HASTY,
  logOf,
  startsIn,
  submit,
  thaw,
  up,
  workerPid,
} from './machine.js';

const DOUBT = 'many fell silent at once';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

/** Tasks that are quiet in their first attempt until they are told to end, and end at once in any later one. */
function waiters(...ids: string[]): void {
  const command = `echo "$SIGNALBOX_TASK_ID $SIGNALBOX_ATTEMPT" >> begun; test $SIGNALBOX_ATTEMPT -gt 1 || until test -e go; do sleep 0.02; done`;
  const tasks = ids.map(id => ({ id, command, retries: 1 }));
  rig.plan('plan.json', tasks, { settings: { max_parallel: ids.length } });
}

async function begin(...ids: string[]): Promise<number[]> {
  waiters(...ids);
  await up(rig);
  await submit(rig, 'plan.json');
  await until(() => rig.lines('begun').length === ids.length, 15_000, 'all tasks to begin');
  return ids.map((_, index) => workerPid(rig, `worker-${index + 1}`));
}

const finish = async (): Promise<void> => {
  writeFileSync(join(rig.repo, 'go'), '');
  await endOfRun(rig);
};

describe('of several workers', () => {
  test('all silent at once are spared for one more period, and none is lost when they come back', async () => {
    rig.write('signalbox.config.yaml', HASTY.replace('200ms', '2s'));
    const workers = await begin('a', 'b');
    await freeze(...workers);
    await until(() => logOf(rig).includes(DOUBT), 30_000, 'the daemon to doubt itself');
    thaw(...workers);
    await finish();
    expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
    expect(rig.report().verdict).toBe('PASS');
  }, 90_000);

  test('those that are silent after that period too are replaced', async () => {
    rig.write('signalbox.config.yaml', HASTY);
    const workers = await begin('a', 'b');
    await freeze(...workers);
    await until(() => rig.lines('begun').length === 4, 40_000, 'both to be tried again');
    await finish();
    expect(logOf(rig)).toContain(DOUBT);
    expect(startsIn(rig)).toEqual({ a: 2, b: 2 });
    expect(rig.lines('begun').sort()).toEqual(['a 1', 'a 2', 'b 1', 'b 2']);
  }, 90_000);

  test('one alone is replaced without such doubt, and the other goes on undisturbed', async () => {
    rig.write('signalbox.config.yaml', HASTY);
    const [first = 0] = await begin('a', 'b');
    await freeze(first);
    await until(() => rig.lines('begun').length === 3, 40_000, 'its task to be tried again');
    await finish();
    expect(logOf(rig)).not.toContain(DOUBT);
    expect(Object.values(startsIn(rig)).sort()).toEqual([1, 2]);
    expect(feedOf(rig)).toContain('WORKER_REPLACED');
  }, 90_000);
});

test('of tasks that all stop printing at once none is ended before one more period is over', async () => {
  rig.write('signalbox.config.yaml', HASTY);
  const command = 'echo hello; sleep 300';
  rig.plan(
    'plan.json',
    ['a', 'b'].map(id => ({ id, command, retries: 0 })),
    { settings: { max_parallel: 2, heartbeat_timeout: '3s' } },
  );
  const { code, stderr } = await rig.signalbox(['run', 'plan.json'], { timeoutMs: 60_000 });
  expect(code).toBe(1);
  expect(stderr).toContain('showed no more sign of progress');
  expect(logOf(rig)).toContain(DOUBT);
  expect(rig.report().counts.failed).toBe(2);
}, 90_000);

test('what a reaped attempt tells later has no effect, with its token and without', async () => {
  rig.write('signalbox.config.yaml', HASTY);
  const command =
    'echo "$SIGNALBOX_ATTEMPT_ID $SIGNALBOX_TOKEN $SIGNALBOX_RUN_ID" >> tokens; test $SIGNALBOX_ATTEMPT -gt 1 && until test -e go; do sleep 0.02; done; test $SIGNALBOX_ATTEMPT -gt 1 || sleep 300';
  rig.plan('plan.json', [{ id: 'a', command, retries: 1 }]);
  await up(rig);
  await submit(rig, 'plan.json');
  await until(() => rig.lines('tokens').length === 1, 15_000);
  // Written while the first attempt lived, and copied in when it does not: its time of change is as old as it is.
  const [attempt = '', token = '', run = ''] = rig.lines('tokens')[0]?.split(' ') ?? [];
  await freeze(workerPid(rig, 'worker-1'));
  await until(() => rig.lines('tokens').length === 2, 30_000, 'the second attempt');
  const body = (more: object): string =>
    JSON.stringify({
      id: 'late',
      type: 'TASK_COMPLETE',
      source: 'worker-1',
      timestamp: new Date().toISOString(),
      payload: { run_id: run, attempt_id: attempt, ...more },
    });
  const events = join(rig.bus, 'events');
  writeFileSync(join(events, 'TASK_FAILED_a.event'), body({ token }));
  writeFileSync(join(events, 'TASK_COMPLETE_a@late.event'), body({ token }));
  const strays = ['TASK_COMPLETE_task-a.event', 'TASK_COMPLETE_a.event', 'TASK_FAILED_task-a.event'];
  for (const told of [strays[0], strays[2]]) writeFileSync(join(events, told ?? ''), body({}));
  // Says nothing of itself, and is as old as the first attempt: moved in as a copy that keeps its times.
  const old = rig.write('old', 'PASS\n');
  utimesSync(old, 1, 1);
  renameSync(old, join(events, strays[1] ?? ''));
  await until(() => !filesIn(events).some(name => strays.includes(name)), 10_000, 'strays to be put away');
  expect(startsIn(rig)).toEqual({ a: 2 });
  expect(feedOf(rig)).not.toContain('"TASK_COMPLETE"');
  await finish();
  expect(rig.report().tasks[0]).toMatchObject({ end: 'complete', attempts: 2 });
}, 90_000);
