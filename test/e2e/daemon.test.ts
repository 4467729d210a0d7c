import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../bus-schema/codec.js';
import { leaseSchema } from '../../bus-schema/lease.js';
import { layout } from '../../bus-schema/layout.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import { identityOf } from '../../bus-schema/store/process-identity.js';
import { workerStatusViewSchema } from '../../bus-schema/view.js';
import { judge } from '../oracle/journal-oracle.js';
import { until } from '../until.js';
import { journalOf, Rig, type Background } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

async function up(...args: string[]): Promise<Background> {
  const daemon = rig.start(['up', ...args], { timeoutMs: 60_000 });
  daemon.ended.catch(() => undefined);
  await until(() => daemon.said.stderr.includes('holds'), 15_000, 'a daemon that is up');
  return daemon;
}

async function submit(file: string): Promise<string> {
  const { code, stdout, stderr } = await rig.signalbox(['submit', file]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Lines of the feed, as a script that follows it would see them. */
const feed = (): string => rig.read('.message-bus/queue.jsonl');
const drop = (file: string, body: string): void => writeFileSync(join(rig.bus, 'events', file), body);
const settings = (text: string): string => rig.write('signalbox.config.yaml', text);

function workerPid(id: string): number {
  const text = readFileSync(join(rig.bus, layout.workerInfo(id as WorkerId)), 'utf8');
  const lease = decodeJson(text, leaseSchema);
  if (!lease.ok) throw new Error(lease.error.join());
  return lease.value.holder.pid;
}

/** A zombie that nobody collects does not live. */
const lives = (pid: number): boolean => identityOf(pid) !== undefined;

describe('a daemon that is up', () => {
  test('runs two plans at once under one limit, shows them in the feed, and drains when it is told to end', async () => {
    const daemon = await up('--max-parallel', '2');
    const tail = spawn('tail', ['-n', '+1', '-F', join(rig.bus, 'queue.jsonl')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let seen = '';
    tail.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const tasks = (from: string): object[] =>
      [1, 2, 3].map(n => ({ id: `${from}${n}`, command: 'sleep 0.15' }));
    rig.plan('one.json', tasks('a'));
    rig.plan('two.json', tasks('b'));
    const [one, two] = await Promise.all([submit('one.json'), submit('two.json')]);
    const down = await rig.signalbox(['down']);
    expect(down.code).toBe(0);
    expect((await daemon.ended).code).toBe(0);
    // It drained: what ran was finished, what had not begun was not started.
    const records = journalOf(rig.bus);
    const opened = records
      .flatMap(record => record.facts)
      .filter(fact => fact.type === 'AttemptStarted').length;
    const settled = records
      .flatMap(record => record.facts)
      .filter(fact => fact.type === 'AttemptSettled').length;
    expect(settled).toBe(opened);
    // The next daemon goes on with what is left.
    await up('--max-parallel', '2');
    await until(() => feed().split('"RUN_COMPLETE"').length === 3, 20_000, 'the end of both runs');
    await until(() => seen.split('"RUN_COMPLETE"').length === 3, 10_000, 'both ends in tail -F');
    tail.kill();
    for (const run of [one, two]) {
      const verdict = judge(journalOf(rig.bus), run);
      expect(verdict.violations).toEqual([]);
      expect(verdict.ends.size).toBe(3);
    }
    expect(peakOf()).toBe(2);
  });

  test('takes a task as complete when a shell says so by an event file', async () => {
    settings('settle_grace: 50ms');
    await up();
    rig.plan('plan.json', [
      { id: '1.1', command: 'touch begun; sleep 300' },
      { id: '1.2', command: 'touch after', depends_on: ['1.1'] },
    ]);
    await submit('plan.json');
    await until(() => rig.read('begun') === '' && readdirSync(rig.repo).includes('begun'));
    drop('TASK_COMPLETE_1.1.event', 'PASS\n');
    await until(() => feed().includes('RUN_COMPLETE'), 15_000, 'the end of the run');
    expect(rig.report().verdict).toBe('PASS');
    expect(readdirSync(rig.repo)).toContain('after');
    expect(readdirSync(join(rig.bus, 'events')).filter(name => name.startsWith('TASK_FAILED'))).toEqual([]);
  });

  test('takes it as failed with the words it was given, however the command ends', async () => {
    settings('settle_grace: 50ms');
    await up();
    rig.plan('plan.json', [{ id: 'a', command: 'touch begun; sleep 300', retries: 0 }]);
    await submit('plan.json');
    await until(() => readdirSync(rig.repo).includes('begun'));
    drop('TASK_FAILED_a.event', 'no such bucket');
    await until(() => feed().includes('RUN_COMPLETE'), 15_000, 'the end of the run');
    expect(rig.report().tasks[0]).toMatchObject({ end: 'failed', cause: 'no such bucket' });
  });

  test('takes over a changed limit from its config, and nothing from a broken one', async () => {
    settings('parallelism: { maxParallelTasks: 1 }');
    await up();
    rig.plan(
      'plan.json',
      [1, 2, 3].map(n => ({ id: `t${n}`, command: 'echo >> begun; until test -e go; do sleep 0.02; done' })),
      { settings: { max_parallel: 5 } },
    );
    await submit('plan.json');
    await until(() => rig.read('begun').length === 1);
    settings('parallelism: { maxParallelTask: 3 }');
    await until(() => rig.read('.message-bus/daemon.log').includes('not taken over'));
    settings('parallelism: { maxParallelTasks: 3 }');
    await until(() => rig.read('begun').length === 3, 10_000, 'all three at once');
    writeFileSync(join(rig.repo, 'go'), '');
    await until(() => feed().includes('RUN_COMPLETE'));
  });

  test('puts away what means nothing, with the reason, and goes on', async () => {
    await up();
    drop('TASK_COMPLETE_nobody.event', '');
    drop('rubbish', 'x');
    const kept = (): string[] => readdirSync(join(rig.bus, 'quarantine'));
    rig.plan('plan.json', [{ id: 'a', command: 'true' }]);
    await submit('plan.json');
    await until(() => kept().length === 4, 10_000, 'both in quarantine');
    const reasons = kept()
      .filter(name => name.endsWith('.reason'))
      .map(name => readFileSync(join(rig.bus, 'quarantine', name), 'utf8'));
    expect(reasons.join('')).toContain('no attempt of task nobody is open');
    expect(reasons.join('')).toContain('its name is no event');
  });

  test('cancels a task, pauses, resumes and tries a failed task again when it is asked', async () => {
    await up();
    rig.plan('plan.json', [
      { id: 'long', command: 'touch begun; sleep 300' },
      { id: 'after', command: 'true', depends_on: ['long'] },
      { id: 'sick', command: 'test -e medicine', retries: 0 },
    ]);
    const run = await submit('plan.json');
    await until(() => readdirSync(rig.repo).includes('begun') && feed().includes('TASK_FAILED'));
    expect((await rig.signalbox(['pause'])).code).toBe(0);
    writeFileSync(join(rig.repo, 'medicine'), '');
    expect((await rig.signalbox(['retry', 'sick'])).code).toBe(0);
    expect((await rig.signalbox(['explain', 'sick'])).stdout).toContain('paused');
    expect((await rig.signalbox(['resume'])).code).toBe(0);
    expect((await rig.signalbox(['cancel', run, 'long'])).code).toBe(0);
    await until(() => feed().includes('RUN_COMPLETE'), 15_000, 'the end of the run');
    const ends = Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));
    expect(ends).toEqual({ long: 'cancelled', after: 'skipped', sick: 'complete' });
  });
});

describe('a worker', () => {
  test('that is killed loses its attempt, its command is ended, and the task is tried again under the same id', async () => {
    settings('backoff: { first: 10ms }');
    await up();
    rig.plan('plan.json', [
      { id: 'a', command: 'echo $$ >> pids; test $SIGNALBOX_ATTEMPT -gt 1 || sleep 300', retries: 1 },
    ]);
    await submit('plan.json');
    await until(() => rig.lines('pids').length === 1);
    process.kill(workerPid('worker-1'), 'SIGKILL');
    await until(() => feed().includes('RUN_COMPLETE'), 20_000, 'the end of the run');
    expect(rig.report().tasks[0]).toMatchObject({ end: 'complete', attempts: 2, worker: 'worker-1' });
    expect(feed()).toContain('WORKER_REPLACED');
    expect(lives(Number(rig.lines('pids')[0]))).toBe(false);
  });

  test('that stands still is replaced', async () => {
    settings('heartbeat: 200ms\nbackoff: { first: 10ms }\nkill_grace: 100ms');
    await up();
    rig.plan('plan.json', [
      { id: 'a', command: 'echo $$ >> pids; test $SIGNALBOX_ATTEMPT -gt 1 || sleep 300', retries: 1 },
    ]);
    await submit('plan.json');
    await until(() => rig.lines('pids').length === 1);
    process.kill(workerPid('worker-1'), 'SIGSTOP');
    await until(() => feed().includes('RUN_COMPLETE'), 25_000, 'the end of the run');
    expect(rig.report().tasks[0]).toMatchObject({ end: 'complete', attempts: 2 });
    expect(lives(Number(rig.lines('pids')[0]))).toBe(false);
  });

  test('outlives its daemon: the next one settles what was finished meanwhile and adopts what still runs', async () => {
    const first = await up();
    rig.plan('plan.json', [
      { id: 'short', command: 'echo short >> witness; until test -e go; do sleep 0.02; done' },
      { id: 'long', command: 'echo long >> witness; until test -e finish; do sleep 0.02; done' },
      { id: 'last', command: 'echo last >> witness', depends_on: ['short', 'long'] },
    ]);
    await submit('plan.json');
    await until(() => rig.lines('witness').length === 2);
    first.kill('SIGKILL');
    await first.ended;
    writeFileSync(join(rig.repo, 'go'), '');
    await until(() => readdirSync(join(rig.bus, 'events')).includes('TASK_COMPLETE_short.event'));
    await up();
    await until(() => feed().includes('"task_id":"short","worker_id"') && feed().includes('TASK_COMPLETE'));
    writeFileSync(join(rig.repo, 'finish'), '');
    await until(() => feed().includes('RUN_COMPLETE'), 15_000, 'the end of the run');
    expect(rig.lines('witness').sort()).toEqual(['last', 'long', 'short']);
    expect(rig.report().tasks.map(task => task.attempts)).toEqual([1, 1, 1]);
  });

  test('dead together with its daemon: what it ran is ended and lost, what had not begun is started once', async () => {
    settings('backoff: { first: 10ms }\nkill_grace: 100ms');
    const first = await up();
    rig.plan('plan.json', [
      { id: 'a', command: 'echo $$ >> pids; test $SIGNALBOX_ATTEMPT -gt 1 || sleep 300', retries: 1 },
    ]);
    await submit('plan.json');
    await until(() => rig.lines('pids').length === 1);
    const worker = workerPid('worker-1');
    first.kill('SIGKILL');
    process.kill(worker, 'SIGKILL');
    await first.ended;
    await up();
    await until(() => feed().includes('RUN_COMPLETE'), 20_000, 'the end of the run');
    expect(rig.report().tasks[0]).toMatchObject({ end: 'complete', attempts: 2 });
    expect(rig.lines('pids')).toHaveLength(2);
    expect(lives(Number(rig.lines('pids')[0]))).toBe(false);
  });
});

describe('an attempt', () => {
  test('that showed progress and then none for too long is stalled; one that is quiet from its start is not', async () => {
    settings('backoff: { first: 10ms }\nkill_grace: 100ms');
    rig.plan(
      'plan.json',
      [
        { id: 'talker', command: 'echo hello; sleep 300', retries: 0 },
        { id: 'quiet', command: 'sleep 6', retries: 0 },
      ],
      { settings: { heartbeat_timeout: '1s' } },
    );
    const { code, stderr } = await rig.signalbox(['run', 'plan.json'], { timeoutMs: 40_000 });
    expect(code).toBe(1);
    expect(stderr).toContain('showed no more sign of progress');
    const ends = Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));
    expect(ends).toEqual({ talker: 'failed', quiet: 'complete' });
  }, 45_000);

  test('ends at its timeout', async () => {
    settings('kill_grace: 100ms');
    rig.plan('plan.json', [{ id: 'a', command: 'sleep 300', retries: 0, timeout: '200ms' }]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(1);
    expect(stderr).toContain('ran longer than its timeout of 200ms');
  });
});

describe('Ctrl-C on a run', () => {
  const plan = (): string =>
    rig.plan('plan.json', [
      { id: 'a', command: 'echo a >> witness; until test -e go; do sleep 0.02; done' },
      { id: 'b', command: 'echo b >> witness', depends_on: ['a'] },
    ]);

  test('lets what runs end and starts nothing new; the same command goes on with the run', async () => {
    plan();
    const run = rig.start(['run', 'plan.json']);
    await until(() => rig.lines('witness').length === 1);
    run.kill('SIGINT');
    await until(() => run.said.stderr.includes('nothing new is started'));
    writeFileSync(join(rig.repo, 'go'), '');
    const first = await run.ended;
    expect(first.code).toBe(3);
    expect(first.stderr).toContain('is not finished');
    const second = await rig.signalbox(['run', 'plan.json']);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('it goes on');
    expect(rig.lines('witness')).toEqual(['a', 'b']);
  });

  test('twice ends what runs', async () => {
    plan();
    const run = rig.start(['run', 'plan.json']);
    await until(() => rig.lines('witness').length === 1);
    run.kill('SIGINT');
    await until(() => run.said.stderr.includes('Ctrl-C again ends them'));
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(3);
    expect(rig.report()).toMatchObject({ verdict: 'STOPPED', counts: { cancelled: 2, skipped: 0 } });
  });
});

test('a run stays for a run that somebody else has handed to its daemon', async () => {
  rig.plan('one.json', [{ id: 'a', command: 'touch begun; until test -e go; do sleep 0.02; done' }]);
  rig.plan('two.json', [
    { id: 'b', command: 'until test -e more; do sleep 0.02; done' },
    { id: 'c', command: 'true', depends_on: ['b'] },
  ]);
  const one = rig.start(['run', 'one.json']);
  await until(() => readdirSync(rig.repo).includes('begun'));
  const two = rig.start(['run', 'two.json']);
  await until(() => two.said.stderr.includes('start'));
  writeFileSync(join(rig.repo, 'go'), '');
  await until(() => one.said.stderr.includes('stays for 1 other unfinished run'));
  writeFileSync(join(rig.repo, 'more'), '');
  expect((await two.ended).code).toBe(0);
  expect((await one.ended).code).toBe(0);
});

test('worker-status.json tells of the percentage that a task reports', async () => {
  await up();
  rig.plan('plan.json', [{ id: 'a', command: 'until test -e go; do sleep 0.02; done' }]);
  await submit('plan.json');
  drop(
    'PROGRESS_a.event',
    '{"id":"1","type":"PROGRESS","source":"me","timestamp":"","payload":{"progress_pct":40}}',
  );
  const status = (): unknown => {
    const decoded = decodeJson(rig.read('.message-bus/worker-status.json') || '{}', workerStatusViewSchema);
    return decoded.ok ? decoded.value['worker-1']?.progress_pct : undefined;
  };
  await until(() => status() === 40, 10_000, '40 per cent');
  expect(readdirSync(join(rig.bus, 'events'))).not.toContain('PROGRESS_a.event');
  writeFileSync(join(rig.repo, 'go'), '');
  await until(() => feed().includes('RUN_COMPLETE'));
});

/** Most attempts open at once, over all runs, by the journal. */
function peakOf(): number {
  let open = 0;
  let peak = 0;
  for (const { facts } of journalOf(rig.bus)) {
    for (const fact of facts) {
      if (fact.type === 'AttemptSettled') open--;
      if (fact.type === 'AttemptStarted') peak = Math.max(peak, ++open);
    }
  }
  return peak;
}
