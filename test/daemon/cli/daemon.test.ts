import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../until.js';
import { CliRig } from './rig.js';

let rig: CliRig;

beforeEach(async () => {
  rig = new CliRig();
  await rig.result('up', '--detach', '--max-parallel', '3');
});
afterEach(() => rig.remove());

/** A task that runs until the test makes a file. */
const gated = (id: string, more: object = {}): object => ({
  id,
  command: `echo ${id} began; while [ ! -e go-${id} ]; do sleep 0.02; done; echo ${id} ends`,
  ...more,
});
const open = (id: string): void => writeFileSync(join(rig.path, `go-${id}`), '');

interface TaskStatus {
  readonly task: string;
  readonly status: string;
}

async function submit(file: string): Promise<string> {
  return (await rig.result('submit', file)).trim();
}

async function statusOf(run: string, task: string): Promise<string | undefined> {
  const { tasks } = (await rig.json('status', run)) as { tasks?: readonly TaskStatus[] };
  return tasks?.find(each => each.task === task)?.status;
}

async function untilTask(run: string, task: string, status: string): Promise<void> {
  await until(async () => (await statusOf(run, task)) === status, 20_000, `task ${task} ${status}`);
}

async function untilEnded(run: string): Promise<void> {
  await until(async () => (await rig.call(['report', run])).code === 0, 20_000, `the end of ${run}`);
}

describe('with a daemon', () => {
  test('a run from its submission to its report, as each command shows it', async () => {
    rig.plan('demo.json', [
      gated('a', { files: ['src/'], title: 'Lay the ground' }),
      { id: 'b', command: 'true', files: ['src/x.ts'], depends_on: ['a'] },
      { id: 'c', command: 'echo oops; exit 3', depends_on: ['b'] },
      { id: 'd', command: 'true', depends_on: ['c'] },
    ]);
    const run = await submit('demo.json');
    expect(run).toMatch(/^demo-\d{8}-\d{6}-[a-z0-9]{4}$/);
    await untilTask(run, 'a', 'running');
    const follower = rig.call(['logs', 'a', '-f']);
    const live = await rig.result('status');
    expect(live).toMatch(/^daemon: up \(pid \d+\), at most 3 at once\n/);
    expect(live).toMatch(/ worker-\d+ {2}a {2}Lay the ground /);
    expect(await rig.result('explain', 'd')).toContain('task d waits for 1 of its 1 dependencies:\n  c is ');
    open('a');
    await untilEnded(run);
    expect((await follower).stdout).toBe('a began\na ends\n');
    expect(await rig.result('logs', 'a', '--run', 'demo')).toBe('a began\na ends\n');
    expect(await rig.result('status')).toContain('  failed   c: exit code 3');
    expect(await rig.result('explain', 'd')).toContain('task d was skipped, because c did not complete');
    expect(await rig.result('report')).toContain('## FIX\n\n- [ ] Fix c');
    expect(await rig.json('report', run)).toMatchObject({
      run,
      verdict: 'FAIL',
      counts: { complete: 2, failed: 1 },
    });
    const feed = await rig.result('tail', '--no-follow', '-n', '100');
    expect(feed).toMatch(/TASK_COMPLETE {6}a {2}worker-\d+/);
    expect(feed).toMatch(/TASK_SKIPPED {7}d {2}because of c/);
    const messages = (await rig.result('tail', '--no-follow', '--json', '-n', '2')).trim().split('\n');
    expect(messages.map(line => (JSON.parse(line) as { type: string }).type)).toEqual([
      'TASK_BLOCKED',
      'RUN_COMPLETE',
    ]);
  });

  test('a task that waits for a file is shown with its holder', async () => {
    rig.plan('locks.json', [
      gated('a', { files: ['src/'], priority: 'P0' }),
      gated('b', { files: ['src/x.ts'] }),
    ]);
    const run = await submit('locks.json');
    await untilTask(run, 'b', 'blocked');
    expect(await rig.result('status')).toMatch(/ {2}waits {4}b for src\/x\.ts, held by a \(worker-\d+\)/);
    expect(await rig.result('explain', 'b')).toContain('it waits for src/x.ts, which task a of run');
    open('a');
    open('b');
    await untilEnded(run);
  });

  test('status --watch ends with the run it was asked for', async () => {
    rig.plan('short.json', [gated('a')]);
    const run = await submit('short.json');
    const watching = rig.call(['status', run, '--watch']);
    open('a');
    const { code, stdout } = await watching;
    expect(code).toBe(0);
    expect(stdout).toContain('PASS, 1/1 complete');
  });

  test('pause, resume, retry and cancel', async () => {
    rig.plan('orders.json', [{ id: 'a', command: 'test -e fixed' }, gated('b', { depends_on: ['a'] })]);
    const run = await submit('orders.json');
    await untilEnded(run);
    expect(await rig.result('pause')).toBe('paused: nothing new is started\n');
    rig.write('fixed', '');
    expect(await rig.result('retry', 'a')).toBe(`task a of run ${run} is tried again\n`);
    expect(await rig.result('explain', 'a')).toContain('everything is paused: `signalbox resume` goes on');
    expect(await rig.result('resume')).toBe('resumed\n');
    await untilTask(run, 'b', 'running');
    expect(await rig.json('cancel', 'orders', 'b')).toEqual({
      ok: true,
      run,
      message: 'task b is being cancelled',
    });
    await untilTask(run, 'b', 'cancelled');
  });

  test('an order that cannot be carried out says why and ends with 2', async () => {
    expect(await rig.call(['cancel', 'nope'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'signalbox: there is no run nope\n',
    });
    expect((await rig.call(['retry', 'nope'])).stderr).toBe('signalbox: there is no task nope\n');
    expect((await rig.call(['pause', 'nope', '--json'])).stdout).toContain('"ok": false');
  });

  test('a bad plan is refused before the daemon hears of it', async () => {
    rig.write('bad.yaml', 'signalbox: 1\nname: bad\ntasks: [{ id: a }]\n');
    const { code, stdout, stderr } = await rig.call(['submit', 'bad.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bad.yaml: error: task a has neither a command nor an agent');
    expect(readdirSync(join(rig.bus, 'runs'))).toEqual([]);
  });

  test('a plan by standard input', async () => {
    const plan = JSON.stringify({ signalbox: 1, name: 'piped', tasks: [{ id: 'a', command: 'true' }] });
    const { code, stdout } = await rig.call(['submit', '-'], { input: plan });
    expect(code).toBe(0);
    await untilEnded(stdout.trim());
    expect(readdirSync(join(rig.bus, 'commands'))).toEqual(['done']);
  });

  test('a second daemon is refused with 75', async () => {
    const { code, stderr } = await rig.call(['up']);
    expect(code).toBe(75);
    expect(stderr).toContain('the bus has a daemon already');
  });

  test('down lets what runs come to its end, and says what it waits for', async () => {
    rig.plan('last.json', [gated('a'), { id: 'b', command: 'true', depends_on: ['a'] }]);
    const run = await submit('last.json');
    await untilTask(run, 'a', 'running');
    const down = rig.call(['down']);
    await until(async () => (await rig.result('status')).includes('draining: nothing new is started'));
    open('a');
    const { code, stdout, stderr } = await down;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'the daemon has ended\n' });
    expect(stderr).toContain('waiting for a to end');
    const after = await rig.result('status');
    expect(after).toContain('daemon: none holds this bus; `signalbox up` or `signalbox run` goes on');
    expect(after).toContain('1/2 complete');
    expect(await rig.result('explain', 'b')).toContain('no daemon holds the bus, so nothing is started');
    expect(await rig.result('doctor')).toContain(
      'warn  daemon: none holds the bus, and 1 run is not finished',
    );
  });
});

describe('from within a task', () => {
  const task = (id: string, script: string): object => ({
    id,
    command: script.replaceAll('signalbox', CALL),
  });
  const CALL = `"${process.execPath}" "$CLI"`;

  test('progress, heartbeat and an outcome reach the daemon as those of the attempt', async () => {
    const env = { CLI: rig.cli };
    rig.plan('inside.json', [
      {
        ...task(
          'good',
          'signalbox heartbeat && signalbox progress 40 half way && signalbox complete deadbeef1',
        ),
        env,
      },
      { ...task('bad', 'cd / && signalbox fail the schema has changed; exit 0'), env },
    ]);
    const run = await submit('inside.json');
    await untilEnded(run);
    const report = (await rig.json('report', run)) as { tasks: Record<string, unknown>[] };
    expect(report.tasks).toMatchObject([
      { id: 'good', end: 'complete', commit: 'deadbeef1' },
      { id: 'bad', end: 'failed', cause: expect.stringContaining('the schema has changed') },
    ]);
    expect(await rig.result('logs', 'good')).toBe('');
    expect(existsSync(join(rig.bus, 'quarantine'))).toBe(true);
    expect(readdirSync(join(rig.bus, 'quarantine'))).toEqual([]);
  });

  test('from outside, by the name of the task', async () => {
    rig.plan('outside.json', [gated('a')]);
    const run = await submit('outside.json');
    await untilTask(run, 'a', 'running');
    const told = await rig.json('complete', '--task', 'a');
    expect(told).toEqual({ ok: true, event: join(rig.bus, 'events', 'TASK_COMPLETE_a.event') });
    const again = await rig.call(['complete', '--task', 'a']);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('TASK_COMPLETE_a.event already'),
    });
    open('a');
    await untilEnded(run);
    expect(await rig.json('report', run)).toMatchObject({ verdict: 'PASS' });
  });
});

describe('doctor', () => {
  test('a bus in order, with a daemon and workers', async () => {
    rig.plan('d.json', [gated('a')]);
    const run = await submit('d.json');
    await untilTask(run, 'a', 'running');
    const { ok, findings } = (await rig.json('doctor')) as {
      ok: boolean;
      findings: { name: string; state: string; message: string }[];
    };
    expect(ok).toBe(true);
    expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
    expect(findings.find(({ name }) => name === 'daemon')?.message).toMatch(/^process \d+, version/);
    expect(findings.find(({ name }) => name === 'workers')?.message).toMatch(/^alive: worker-\d+/);
    expect(findings.find(({ name }) => name === 'plans')?.message).toBe('1 run, each with its plan');
    open('a');
    await untilEnded(run);
  });

  test('a journal that was tampered with', async () => {
    await rig.result('down');
    const [segment = ''] = readdirSync(join(rig.bus, 'journal'));
    rig.write(`.message-bus/journal/${segment}`, 'nonsense\n["00000000",2,{}]\n', 0o600);
    rig.write('.message-bus/journal/000000000009.jsonl', '', 0o600);
    const { code, stdout } = await rig.call(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/bad {3}journal: .*the journal is damaged/);
    const status = await rig.call(['status']);
    expect(status).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('the journal is damaged'),
    });
  });
});
