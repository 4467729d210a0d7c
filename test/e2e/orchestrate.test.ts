import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJson } from '../../bus-schema/codec.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema } from '../../bus-schema/lease.js';
import { planSchema, type Plan } from '../../bus-schema/plan.js';
import { judge } from '../oracle/journal-oracle.js';
import { NO_SAMPLES, wildTexts } from '../samples.js';
import { until } from '../until.js';
import { ALL_CRITICAL, CIRCLE, LIGHTHOUSE } from './orchestrate-texts.js';
import { journalOf, Rig, type Background, type Call, type Ended } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', 'backoff: { first: 10ms, longest: 20ms }\n');
});
afterEach(async () => {
  await rig.remove();
});

const CALLS = 'calls.log';
const FILE = '.tmp/20260102-030405-lighthouse/tasks.md';
const FOLDER = '.tmp/20260102-030405-lighthouse/parallel-session';

/** An agent's program: says for which task it was called, then does what the test wants of it. */
function claude(also = ':'): void {
  const script = `#!/bin/sh\n[ "$1" = --print ] || exit 64\necho "$SIGNALBOX_TASK_ID" >> ${CALLS}\n${also}\n`;
  rig.write('bin/claude', script, 0o755);
}

function start(text: string, args: readonly string[] = [], call: Call = {}): Background {
  rig.write(FILE, text);
  const path = `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}`;
  return rig.start(['run', FILE, ...args], { ...call, env: { PATH: path, ...call.env } });
}

const run = (text: string, args: readonly string[] = []): Promise<Ended> => start(text, args).ended;

const ends = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));
const callsOf = (task: string): number => rig.lines(CALLS).filter(line => line === task).length;
const only = (task: string, also: string): string => `[ "$SIGNALBOX_TASK_ID" != ${task} ] || { ${also}; }`;

/** As the run's plan has them. */
const groups = (): Plan['groups'] =>
  planSchema.parse(JSON.parse(rig.read(join('.message-bus', layout.runPlan(rig.run()))))).groups;

function expectLawful(): void {
  for (const each of rig.runs()) expect(judge(journalOf(rig.bus), each).violations).toEqual([]);
}

const RULE = '═'.repeat(58);
const STATUS_RULE = '═'.repeat(59);

/** Times are the machine's own. */
const timeless = (text: string): string =>
  text
    .replace(/^Duration: \d+ seconds?$/m, 'Duration: N seconds')
    .replace(/\d+\.\dx speedup/, 'N.Nx speedup')
    .replace(/in \d+(?:ms|s)\b/g, 'in N')
    .replace(/elapsed: \d\d:\d\d/g, 'elapsed: MM:SS');

/** The progress lines, without the status blocks between them and what is said before the first start. */
function progressIn(stderr: string): string[] {
  const lines = timeless(stderr).split('\n');
  const kept: string[] = [];
  for (let index = lines.findIndex(line => line.startsWith('⚡')); index < lines.length - 1; index++) {
    if (lines[index] !== STATUS_RULE) kept.push(lines[index] ?? '');
    else
      index = lines.indexOf(
        STATUS_RULE,
        lines.findIndex((line, at) => at > index && line.startsWith('Time')),
      );
  }
  return kept;
}

describe('a tasks file, run to its end', () => {
  test('lines of progress on standard error, the summary on standard output', async () => {
    claude();
    const { code, stdout, stderr } = await run(LIGHTHOUSE, ['--workers', '1']);
    expect({ code, ends: ends() }).toEqual({
      code: 0,
      ends: { T001: 'complete', T002: 'complete', T003: 'complete', T004: 'complete', T005: 'complete' },
    });
    expect(timeless(stdout)).toBe(
      [
        RULE,
        'EXECUTION SUMMARY',
        RULE,
        'Completed: 5 of 5 tasks',
        'Failed: 0 tasks',
        'Duration: N seconds',
        'Workers used: 1',
        'Parallelism achieved: N.Nx speedup',
        RULE,
        '',
      ].join('\n'),
    );
    const told = ['T001', 'T002', 'T003', 'T004', 'T005'].flatMap(task => [
      `⚡ ${task} started by worker-1`,
      `✓ ${task} completed by worker-1`,
    ]);
    const lines = progressIn(stderr);
    expect(lines.filter(line => !line.startsWith('═══ Group'))).toEqual(told);
    expect(lines.filter(line => line.startsWith('═══ Group'))).toEqual(
      groups().map(
        ({ id, tasks }) =>
          `═══ Group ${id} completed: ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} in N ═══`,
      ),
    );
    expectLawful();
  });

  test('after ten lines the whole status, which the session folder shows at the end', async () => {
    claude();
    const { stderr } = await run(LIGHTHOUSE, ['--workers', '1']);
    const block = timeless(stderr).split('\n');
    const head = block.indexOf('ORCHESTRATION STATUS');
    expect(block.slice(head - 1, head + 3)).toEqual([
      STATUS_RULE,
      'ORCHESTRATION STATUS',
      STATUS_RULE,
      '✓ T001: Lay the foundation',
    ]);
    expect(block.filter(line => line === 'ORCHESTRATION STATUS')).toHaveLength(1);
    expect(block).toContain('Time elapsed: MM:SS');
    expect(rig.read(`${FOLDER}/progress.txt`)).toContain('✓ T005: Paint it\n');
  });

  test('with five workers what does not depend on each other runs side by side', async () => {
    claude(`touch at-$SIGNALBOX_TASK_ID; ${only('T001', 'until [ -e at-T002 ]; do sleep 0.05; done')}`);
    const { code, stdout } = await run(LIGHTHOUSE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Workers used: [2-5]$/m);
  });
});

describe('when tasks fail', () => {
  test('three failures are the end of a task, and of what depends on it', async () => {
    claude(only('T003', 'echo no stairs; exit 7'));
    const { code, stdout, stderr } = await run(LIGHTHOUSE);
    expect({ code, calls: callsOf('T003') }).toEqual({ code: 1, calls: 3 });
    expect(ends()).toMatchObject({ T003: 'failed', T004: 'skipped', T005: 'complete' });
    expect(stdout).toContain(
      'Completed: 3 of 5 tasks\nFailed: 1 task (T003: exit code 7)\nSkipped: 1 task (T004: T003 failed)\n',
    );
    const lines = progressIn(stderr);
    expect(lines.filter(line => line === '✗ T003 failed: exit code 7')).toHaveLength(3);
    expect(lines).toContain('⏳ T003 again in N (attempt 3 of 3)');
    expect(lines).toContain('– T004 skipped: T003 failed');
    expect(stderr).toContain('FIX: task T003 (Build the stairs) failed: exit code 7: no stairs; log: ');
    expectLawful();
  });

  test('too slow: a timeout', async () => {
    claude(only('T005', 'sleep 60'));
    const { code, stdout, stderr } = await run(LIGHTHOUSE, ['--timeout', '400ms']);
    expect(code).toBe(1);
    expect(stdout).toContain('Failed: 1 task (T005: timeout)\n');
    expect(progressIn(stderr)).toContain('✗ T005 failed: timeout');
  });

  test('an agent that finds its file locked says so', async () => {
    claude(only('T005', 'echo File locked by worker-2; exit 1'));
    const { stderr, stdout } = await run(LIGHTHOUSE);
    expect(progressIn(stderr)).toContain('✗ T005 failed: file locked');
    expect(stdout).toContain('Failed: 1 task (T005: file locked)\n');
  });

  test('all of P0: the run is stopped', async () => {
    claude('exit 1');
    const { code, stdout, stderr } = await run(ALL_CRITICAL);
    expect(code).toBe(3);
    expect(ends()).toEqual({ T001: 'failed', T002: 'failed', T003: 'cancelled' });
    expect(stdout).toContain(
      'Failed: 2 tasks (T001: exit code 1, T002: exit code 1)\nCancelled: 1 task (T003)\n',
    );
    expect(stderr).toContain('⚠️ Execution stopped: all P0 tasks failed\n');
    expect(callsOf('T003')).toBe(0);
  });
});

describe('a worker that is killed', () => {
  test('is replaced under its name, and its task completed', async () => {
    claude(only('T001', 'touch begun; [ "$SIGNALBOX_ATTEMPT" -gt 1 ] || sleep 300'));
    const background = start(LIGHTHOUSE, ['--workers', '1', '--timeout', '1m']);
    await until(
      () => rig.read('.message-bus/worker-status.json').includes('T001'),
      15_000,
      'T001 in the view',
    );
    await until(() => rig.lines(CALLS).length === 1, 15_000, 'the call');
    process.kill(workerPid('worker-1'), 'SIGKILL');
    const { code, stderr } = await background.ended;
    expect({ code, calls: callsOf('T001') }).toEqual({ code: 0, calls: 2 });
    expect(progressIn(stderr).filter(line => /T001|Worker/.test(line))).toEqual([
      '⚡ T001 started by worker-1',
      '⚠️ Worker-1 replaced, resuming T001',
      '⚡ T001 started by worker-1',
      '✓ T001 completed by worker-1',
    ]);
    expectLawful();
  });
});

describe('before anything starts', () => {
  test('a circle is refused with all that are in it', async () => {
    claude();
    const { code, stderr } = await run(CIRCLE);
    expect(code).toBe(2);
    expect(stderr).toContain('T001 → T003 → T002 → T001');
    expect(rig.lines(CALLS)).toEqual([]);
  });

  test('more than five workers are a warning, and five', async () => {
    claude();
    const { code, stderr } = await run(LIGHTHOUSE, ['--workers', '9']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*\b9\b.*\b5\b|warning: .*\b5\b.*\b9\b/);
    expect(rig.report().maxParallel).toBe(5);
  });

  test('the thirty seconds that a task has are said, unless somebody chose a timeout', async () => {
    claude();
    expect((await run(LIGHTHOUSE)).stderr).toMatch(/warning: .*30 ?s/);
    expect((await run(LIGHTHOUSE, ['--fresh', '--timeout', '2m'])).stderr).not.toMatch(/warning: .*30 ?s/);
  });
});

describe('what is told later', () => {
  test('status shows the block, report the summary', async () => {
    claude(only('T003', 'exit 7'));
    const { stdout } = await run(LIGHTHOUSE);
    const status = await rig.signalbox(['status']);
    expect(status.stdout).toContain(`${STATUS_RULE}\nORCHESTRATION STATUS\n${STATUS_RULE}\n`);
    expect(status.stdout).toContain('✗ T003: exit code 7\n– T004: Skipped (T003 failed)\n');
    const report = await rig.signalbox(['report', rig.run()]);
    expect(report.stdout).toContain(stdout);
  });

  test('a run that was left is told from where it stands', async () => {
    claude(only('T003', 'until [ -e go ]; do sleep 0.05; done'));
    const first = start(LIGHTHOUSE, ['--workers', '1', '--timeout', '1m']);
    await until(() => callsOf('T003') === 1, 15_000, 'T003');
    first.kill('SIGKILL');
    await first.ended;
    const second = start(LIGHTHOUSE, ['--workers', '1', '--timeout', '1m']);
    await until(() => second.said.stderr.includes('it goes on'), 15_000, 'the second run');
    rig.write('go', '');
    const { code, stderr } = await second.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('✓ T003 completed by worker-1\n');
    expect(stderr).not.toContain('T001 started');
  });
});

function workerPid(id: string): number {
  const text = readFileSync(join(rig.bus, layout.workerInfo(id as WorkerId)), 'utf8');
  const lease = decodeJson(text, leaseSchema);
  if (!lease.ok) throw new Error(lease.error.join());
  return lease.value.holder.pid;
}

describe('tasks files from the wild', () => {
  const files = wildTexts('tasks-md', '.tasks.md');
  if (files === undefined) {
    test.skip(NO_SAMPLES, () => undefined);
    return;
  }

  test.each([...files])(
    '%s runs to its end, done or not, in the order of its priorities',
    async (_name, text) => {
      claude();
      const { code, stdout } = await run(text, ['--fresh', '--timeout', '1m']);
      const { tasks } = rig.report();
      expect(code).toBe(0);
      expect(stdout).toContain(`Completed: ${tasks.length} of ${tasks.length} tasks\n`);
      expect(rig.lines(CALLS).sort()).toEqual(tasks.map(task => task.id).sort());
      expectLawful();
    },
  );
});
