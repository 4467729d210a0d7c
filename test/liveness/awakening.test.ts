import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { replay } from '../../daemon/replay.js';
import { Rig } from '../e2e/rig.js';
import { unless, whyNoAttaching } from '../resources/shortage.js';
import { until } from '../until.js';
import { endOfRun, feedOf, freeze, HASTY, startsIn, submit, thaw, up, workerPid } from './machine.js';

/** So long the daemon is held in its call to end a worker: time for the worker to wake and do something. */
const INSTANT_MS = 2000;
/** Less than from one round to the next, which would find by itself what came. */
const SHORT_MS = 800;

let rig: Rig;
let tracer: ChildProcess | undefined;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(async () => {
  tracer?.kill('SIGKILL');
  await rig.remove();
});

const go = (): void => writeFileSync(join(rig.repo, 'go'), '');
/** How many names the event has that tells that a is complete: a second one while it is being made. */
const namesOfWord = (): number =>
  statSync(join(rig.bus, layout.events, 'TASK_COMPLETE_a.event'), { throwIfNoEntry: false })?.nlink ?? 0;

/** On one worker; each command notes its beginning, and whether another attempt of its task is still there. */
function chain(retries: number, others: readonly object[] = []): void {
  const command = (work: string): string =>
    `exec 9> alive-$SIGNALBOX_TASK_ID; flock -n 9 || echo overlap >> witness; echo "begin $SIGNALBOX_ATTEMPT_ID" >> witness; ${work}; echo "end $SIGNALBOX_ATTEMPT_ID" >> witness`;
  rig.plan(
    'plan.json',
    [
      { id: 'a', command: command('until test -e go; do sleep 0.02; done'), retries },
      { id: 'b', command: command('sleep 1'), retries: 0, depends_on: ['a'] },
      ...others,
    ],
    { settings: { max_parallel: others.length > 0 ? 2 : 1 } },
  );
}

/** Holds a process for some time in its next call of a kind; answers with how to read its calls. */
async function hold(pid: number, call: string, ms = INSTANT_MS): Promise<() => string> {
  const trace = join(rig.repo, 'trace');
  const delay = `inject=${call}:delay_enter=${ms * 1000}:when=1`;
  tracer = spawn('strace', ['-o', trace, '-e', `trace=${call}`, '-e', delay, '-p', String(pid)]);
  let said = '';
  tracer.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('attached'), 10_000, 'it to be traced');
  return () => rig.read('trace');
}

/** The worker that has a task in hand. */
function workerOf(task: string): number {
  const past = replay(rig.bus);
  const attempts = past.ok ? [...past.value.state.attempts.values()] : [];
  const attempt = attempts.find(({ node }) => node.task.id === task);
  return workerPid(rig, attempt?.worker ?? 'nobody');
}

/** A worker in the instant in which it is being ended: the daemon has judged it, and is held just before its signal. */
async function aboutToBeEnded(): Promise<{ worker: number; trace: () => string }> {
  const daemon = await up(rig);
  await submit(rig, 'plan.json');
  await until(() => rig.lines('witness').length === 1, 20_000, 'the first attempt');
  const worker = workerOf('a');
  const trace = await hold(daemon.pid, 'kill');
  await freeze(worker);
  await until(() => trace().includes(`kill(${worker}, SIGKILL`), 30_000, 'its end to be due');
  expect(trace()).not.toContain('DELAYED');
  return { worker, trace };
}

const ifHeld = unless(whyNoAttaching(), 'a daemon that is held in a call') ? describe : describe.skip;

ifHeld('a worker that wakes in the instant in which it is ended for its silence', () => {
  test('and tells of the end of its task: that counts, and the task that follows is not harmed', async () => {
    chain(0);
    const { worker, trace } = await aboutToBeEnded();
    go();
    thaw(worker);
    await until(() => namesOfWord() === 1);
    expect(trace()).not.toContain('DELAYED');
    await endOfRun(rig);
    expect(rig.report()).toMatchObject({ verdict: 'PASS', counts: { complete: 2 } });
    expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
    const [a, b] = [`${rig.run()}.0.1`, `${rig.run()}.1.1`];
    expect(rig.lines('witness')).toEqual([`begin ${a}`, `end ${a}`, `begin ${b}`, `end ${b}`]);
  }, 90_000);

  test('and does not come so far: its attempt is lost once, and tried again when nothing of it is left', async () => {
    chain(1);
    const { worker } = await aboutToBeEnded();
    thaw(worker);
    await until(() => feedOf(rig).includes('WORKER_REPLACED'), 20_000, 'another worker');
    await until(() => rig.lines('witness').length === 2, 20_000, 'the second attempt');
    go();
    await endOfRun(rig);
    expect(rig.report()).toMatchObject({ verdict: 'PASS', counts: { complete: 2 } });
    expect(startsIn(rig)).toEqual({ a: 2, b: 1 });
    const [lost, a, b] = [`${rig.run()}.0.1`, `${rig.run()}.0.2`, `${rig.run()}.1.1`];
    expect(rig.lines('witness')).toEqual([
      `begin ${lost}`,
      `begin ${a}`,
      `end ${a}`,
      `begin ${b}`,
      `end ${b}`,
    ]);
  }, 90_000);
});

ifHeld('a worker that dies in the instant in which it has told of an end', () => {
  test('takes no attempt with it that is given to its successor', async () => {
    const other = 'until test -e short; do sleep 0.02; done';
    chain(0, [
      { id: 'c', command: other },
      { id: 'd', command: 'until test -e go-on; do sleep 0.02; done', depends_on: ['c'] },
    ]);
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await until(() => rig.lines('witness').length === 1, 20_000, 'the first attempt');
    const worker = workerOf('a');
    const trace = await hold(daemon.pid, 'fdatasync', SHORT_MS);
    // When c ends, d takes its place, so that b can only have that of a.
    writeFileSync(join(rig.repo, 'short'), '');
    await until(() => trace().includes('fdatasync('), 20_000, 'the daemon to write');
    // Both come while the daemon writes, so that it hears of them at once.
    go();
    await until(() => namesOfWord() === 1);
    process.kill(worker, 'SIGKILL');
    expect(trace()).not.toContain('DELAYED');
    writeFileSync(join(rig.repo, 'go-on'), '');
    await endOfRun(rig);
    expect(rig.report()).toMatchObject({ verdict: 'PASS', counts: { complete: 4 } });
    expect(startsIn(rig)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  }, 90_000);

  test('while its word has the name under which it was made still: it counts', async () => {
    chain(0);
    await up(rig);
    await submit(rig, 'plan.json');
    await until(() => rig.lines('witness').length === 1, 20_000, 'the first attempt');
    const worker = workerOf('a');
    const trace = await hold(worker, 'unlink');
    go();
    await until(() => namesOfWord() === 2);
    process.kill(worker, 'SIGKILL');
    expect(trace()).not.toContain('DELAYED');
    await endOfRun(rig);
    expect(rig.report()).toMatchObject({ verdict: 'PASS', counts: { complete: 2 } });
    expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
  }, 90_000);
});
