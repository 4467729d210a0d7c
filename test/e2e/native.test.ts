import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runReportSchema } from '../../bus-schema/report.js';
import { until } from '../until.js';
import { judge } from '../oracle/journal-oracle.js';
import { processesOf } from './leftovers.js';
import { journalOf, Rig, treeOf } from './rig.js';
import { awaiting, begunIn, WITNESS, witnessed } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

const ends = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));

const begun = (): string[] => begunIn(rig.lines(WITNESS));

const facts = (): ReturnType<typeof journalOf>[number]['facts'][number][] =>
  journalOf(rig.bus).flatMap(record => [...record.facts]);

function expectLawful(): void {
  for (const run of rig.runs()) expect(judge(journalOf(rig.bus), run).violations).toEqual([]);
}

describe('what a task gets and how it is judged', () => {
  test('dependencies, environment, output, working directory, and nothing on standard input', async () => {
    const shown = '$WHO|$SIGNALBOX_TASK_ID|$SIGNALBOX_ATTEMPT|$SIGNALBOX_OUTPUT|$SIGNALBOX_BUS';
    rig.write(
      'plan.yaml',
      `signalbox: 1
name: surroundings
settings: { output_dir: out }
tasks:
  - id: after
    depends_on: [first]
    command: cat && cat "$(cat where)" > copy
  - id: first
    title: Writes where it is told
    command: 'mkdir -p out/deep && echo "$SIGNALBOX_OUTPUT" > where && echo "${shown}|$PWD|$SIGNALBOX_FILES" > "$SIGNALBOX_OUTPUT"'
    output: deep/first.txt
    files: [a.txt, b/]
    env: { WHO: "two words; $(no shell)" }
`,
    );
    const { code, stdout } = await rig.signalbox(['run', 'plan.yaml'], { env: { WHO: 'nobody' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run surroundings-\S+ complete: 2 of 2 tasks complete in \S+\n$/);
    const output = rig.read('where').trim();
    expect(output.endsWith('out/deep/first.txt')).toBe(true);
    expect(rig.read('copy')).toBe(
      `two words; $(no shell)|first|1|${output}|${rig.bus}|${rig.repo}|a.txt\nb\n`,
    );
    expectLawful();
  });

  test('a task is complete only if its accept command agrees', async () => {
    rig.plan('plan.json', [
      { id: 'kept', command: 'echo x > kept', accept: 'test -s kept', retries: 0 },
      { id: 'empty', command: ': > empty', accept: 'test -s "$FILE"', env: { FILE: 'empty' }, retries: 0 },
      { id: 'next', command: ':', depends_on: ['empty'] },
    ]);
    const { code, stdout } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(1);
    expect(ends()).toEqual({ kept: 'complete', empty: 'failed', next: 'skipped' });
    expect(stdout).toMatch(
      /failed: 1 of 3 tasks complete[^]*\n {2}failed empty: .*accept[^]*\n {2}skipped next: .*empty\n/,
    );
  });

  test('a failure is tried again after a pause that grows', async () => {
    rig.write('signalbox.config.yaml', 'backoff: { first: 40ms, longest: 60ms }\n');
    rig.plan('plan.json', [
      {
        id: 'third-time',
        command: 'echo $SIGNALBOX_ATTEMPT >> tries; test $SIGNALBOX_ATTEMPT = 3',
        retries: 2,
      },
      { id: 'never', command: 'exit 7', retries: 1 },
    ]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(1);
    expect(rig.lines('tries')).toEqual(['1', '2', '3']);
    const tasks = rig.report().tasks.map(({ id, end, attempts }) => ({ id, end, attempts }));
    expect(tasks).toEqual([
      { id: 'third-time', end: 'complete', attempts: 3 },
      { id: 'never', end: 'failed', attempts: 2 },
    ]);
    expect(stderr).toMatch(/^retry .*third-time/m);
    const pauses = facts().flatMap(fact => (fact.type === 'RetryScheduled' ? [fact.delayMs] : []));
    expect(pauses).toHaveLength(3);
    for (const pause of pauses) {
      expect(pause).toBeGreaterThan(0);
      expect(pause).toBeLessThanOrEqual(60);
    }
    expectLawful();
  });

  test('a timeout ends a command, its children too', async () => {
    rig.plan('plan.json', [
      { id: 'slow', command: 'sleep 60 & echo $! > child; wait', timeout: '200ms', retries: 0 },
    ]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/FIX: task slow .*200ms/);
    expect(rig.lines('child')).toHaveLength(1);
    await until(() => processesOf(rig.bus).length === 0, 10_000, 'the end of all processes');
  });
});

describe('what runs when', () => {
  test('the more important goes first, ties in the order of the plan', async () => {
    const task = (id: string, priority?: string): object => ({
      id,
      command: witnessed(':'),
      ...(priority === undefined ? {} : { priority }),
    });
    rig.plan(
      'plan.json',
      [task('low', 'P3'), task('usual'), task('high', 'P1'), task('urgent', 'P0'), task('usual-too')],
      {
        settings: { max_parallel: 1 },
      },
    );
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    expect(begun()).toEqual(['urgent', 'high', 'usual', 'usual-too', 'low']);
    expectLawful();
  });

  test('readers share a file, a writer has it alone', async () => {
    const reader = (id: string, other: string): object => ({
      id,
      files: ['shared/'],
      access: 'read',
      command: `touch ${id}.in; ${awaiting(`${other}.in`)}`,
      retries: 0,
    });
    const alone = 'mkdir alone && sleep 0.1 && rmdir alone';
    rig.plan('plan.json', [
      reader('r1', 'r2'),
      reader('r2', 'r1'),
      { id: 'w1', files: ['shared/one.txt'], command: alone, retries: 0 },
      { id: 'w2', files: ['shared/**'], command: alone, retries: 0 },
    ]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect({ code, ends: ends() }).toEqual({
      code: 0,
      ends: { r1: 'complete', r2: 'complete', w1: 'complete', w2: 'complete' },
    });
    expect(stderr).toMatch(/^waits .*held by/m);
    expectLawful();
  });

  test('limits hold for tasks of their type alone', async () => {
    const alone = 'mkdir alone && sleep 0.05 && rmdir alone';
    const rendezvous = (id: string, other: string): string => `touch ${id}.in; ${awaiting(`${other}.in`)}`;
    rig.plan(
      'plan.json',
      [
        { id: 'i1', type: 'implementation', command: alone, retries: 0 },
        { id: 'i2', type: 'implementation', command: alone, retries: 0 },
        { id: 'f1', command: rendezvous('f1', 'f2'), retries: 0 },
        { id: 'f2', command: rendezvous('f2', 'f1'), retries: 0 },
      ],
      { limits: { implementation: 1 } },
    );
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    expectLawful();
  });

  test('with waves, nothing of the next begins before all of the last has ended', async () => {
    const plan = (schedule: string): void => {
      rig.plan(
        'plan.json',
        [
          { id: 'quick', command: witnessed(':') },
          { id: 'slow', command: witnessed('sleep 0.3') },
          { id: 'next', command: witnessed(':'), depends_on: ['quick'] },
        ],
        { settings: { schedule } },
      );
    };
    plan('dag');
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    const asDag = rig.lines(WITNESS);
    expect(asDag.indexOf('begin next')).toBeLessThan(asDag.indexOf('end slow'));
    rig.write(WITNESS, '');
    plan('waves');
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    const asWaves = rig.lines(WITNESS);
    expect(asWaves.indexOf('begin next')).toBeGreaterThan(asWaves.indexOf('end slow'));
    expectLawful();
  });

  test('on_failure: stop ends what runs and starts nothing more', async () => {
    rig.plan(
      'plan.json',
      [
        { id: 'long', command: witnessed('sleep 60') },
        { id: 'bad', command: `${awaiting(WITNESS)}; exit 1`, retries: 0 },
        { id: 'later', command: witnessed(':') },
        { id: 'after', command: witnessed(':'), depends_on: ['long'] },
      ],
      { settings: { max_parallel: 2, on_failure: 'stop' } },
    );
    const { code, stdout } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^run \S+ stopped: 0 of 4 /);
    expect(rig.report().verdict).toBe('STOPPED');
    expect(ends()).toMatchObject({ long: 'cancelled', bad: 'failed' });
    expect(rig.lines(WITNESS)).toEqual(['begin long']);
    await until(() => processesOf(rig.bus).length === 0, 10_000, 'the end of all processes');
    expectLawful();
  });
});

describe('how a plan comes in and a report goes out', () => {
  const PLAN = { signalbox: 1, name: 'piped', tasks: [{ id: 'a', command: 'echo to the log; touch made' }] };

  test('from standard input, as JSON or YAML', async () => {
    const json = await rig.signalbox(['run', '-'], { input: JSON.stringify(PLAN) });
    expect(json).toMatchObject({ code: 0 });
    expect(existsSync(join(rig.repo, 'made'))).toBe(true);
    const yaml = 'signalbox: 1\ntasks:\n  - { id: b, command: touch made-too }\n';
    expect(await rig.signalbox(['run', '-'], { input: yaml })).toMatchObject({ code: 0 });
    expect(existsSync(join(rig.repo, 'made-too'))).toBe(true);
    expect(treeOf(join(rig.bus, 'commands'))).toEqual({ 'done/': '' });
    expectLawful();
  });

  test('--json prints the report and nothing else', async () => {
    rig.write('plan.json', JSON.stringify(PLAN));
    const { code, stdout, stderr } = await rig.signalbox(['run', 'plan.json', '--json']);
    expect(code).toBe(0);
    const report = runReportSchema.parse(JSON.parse(stdout));
    expect(report).toEqual(rig.report());
    expect(report).toMatchObject({ verdict: 'PASS', counts: { total: 1, complete: 1 } });
    expect(stderr).toMatch(/^complete /m);
  });

  test('--json tells of failures by the report and the exit code', async () => {
    rig.plan('plan.json', [{ id: 'a', command: 'exit 1', retries: 0 }]);
    const { code, stdout } = await rig.signalbox(['run', 'plan.json', '--json']);
    expect(code).toBe(1);
    expect(runReportSchema.parse(JSON.parse(stdout)).verdict).toBe('FAIL');
  });

  test.each([{ form: [] }, { form: ['--json'] }])(
    '--dry-run $form starts and writes nothing',
    async ({ form }) => {
      rig.plan('plan.json', [
        { id: 'a', command: 'touch made' },
        { id: 'b', command: 'touch made', depends_on: ['a'] },
      ]);
      const before = treeOf(rig.repo);
      const { code, stdout } = await rig.signalbox(['run', 'plan.json', '--dry-run', ...form]);
      expect(code).toBe(0);
      expect(stdout).toContain('b');
      if (form.length > 0) expect(JSON.parse(stdout)).toBeInstanceOf(Object);
      expect(treeOf(rig.repo)).toEqual(before);
    },
  );
});
