import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';
import { Rig } from './rig.js';

const python = spawnSync('python3', ['--version']).status === 0;
const WORKER = join(ROOT, 'test', 'e2e', 'original-worker.py');
const MONITOR = join(ROOT, 'test', 'e2e', 'original-monitor.py');

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', 'settle_grace: 50ms\nkill_grace: 100ms\n');
});
afterEach(() => rig.remove());

const pythonTest = python ? test : test.skip;
const name = (what: string): string => (python ? what : `${what} (left out: there is no python3)`);
const status = (): string => rig.read('.message-bus/worker-status.json');

pythonTest(
  name(
    'a worker written for the source system completes and fails its tasks, and its word shows in the views',
  ),
  async () => {
    const command = (ending: string): string =>
      `exec python3 '${WORKER}' "$SIGNALBOX_BUS" "$SIGNALBOX_TASK_ID" ${ending} go`;
    rig.plan('plan.json', [
      { id: '1.1', command: command('complete'), files: ['src/1.1.ts'], retries: 0 },
      { id: '1.2', command: command('fail'), files: ['src/1.2.ts'], retries: 0 },
      { id: '2.1', command: 'true', depends_on: ['1.1'] },
      { id: '2.2', command: 'true', depends_on: ['1.2'] },
    ]);
    const run = rig.start(['run', 'plan.json']);
    // Both write all of the file back, so one may lose the other's entry; its own percentage is told by the feed as well.
    await until(() => status().split('"progress_pct": 50').length >= 3, 15_000, 'both at half');
    await until(() => /"worker-1\.[12]-\d+"/.test(status()), 10_000, 'a foreign entry in our view');
    writeFileSync(join(rig.repo, 'go'), '');
    expect((await run.ended).code).toBe(1);
    const ends = Object.fromEntries(
      rig.report().tasks.map(task => [task.id, [task.end, task.cause, task.commit]]),
    );
    expect(ends).toEqual({
      '1.1': ['complete', undefined, 'abc1234'],
      '1.2': ['failed', 'tests do not pass', undefined],
      '2.1': ['complete', undefined, undefined],
      '2.2': ['skipped', '1.2', undefined],
    });
    expect(readdirSync(join(rig.bus, 'quarantine'))).toEqual([]);
  },
  40_000,
);

pythonTest(
  name('a worker written for the source system locks its files and a shared one, and gives that back'),
  async () => {
    rig.plan('plan.json', [
      {
        id: '1.1',
        command: `exec python3 '${WORKER}' "$SIGNALBOX_BUS" "$SIGNALBOX_TASK_ID" complete go src/shared.ts`,
        files: ['src/1.1.ts'],
        retries: 0,
      },
      { id: 'quick', command: 'while [ ! -e quick-go ]; do sleep 0.05; done', retries: 0 },
      { id: '2.1', command: 'touch 2.1-ran', files: ['src/shared.ts'], depends_on: ['quick'], retries: 0 },
    ]);
    const run = rig.start(['run', 'plan.json']);
    const locks = (): string => rig.read('.message-bus/locks.json');
    await until(
      () => /"src\/shared.ts": \{\s*"worker_id": "worker-1.1-\d+",\s*"task_id": "1.1"/.test(locks()),
      20_000,
      'the shared file among our locks',
    );
    expect(locks()).toMatch(/"src\/1.1.ts": \{\s*"worker_id": "worker-1.1-\d+"/);
    writeFileSync(join(rig.repo, 'quick-go'), '');
    await until(
      () => /^waits .*2\.1 .*src\/shared.ts/m.test(run.said.stderr),
      10_000,
      'the task that waits for it',
    );
    writeFileSync(join(rig.repo, 'go'), '');
    await until(() => readdirSync(rig.repo).includes('2.1-ran'), 10_000, 'the shared file to be given back');
    writeFileSync(join(rig.repo, 'go.on'), '');
    expect((await run.ended).code).toBe(0);
    expect(readdirSync(join(rig.bus, 'quarantine'))).toEqual([]);
  },
  60_000,
);

pythonTest(
  name('a monitor written for the source system can read every file at any instant'),
  async () => {
    rig.plan(
      'plan.json',
      Array.from({ length: 600 }, (_, index) => ({
        id: `t${index}`,
        command: ':',
        files: [`f${index % 7}`],
      })),
    );
    const run = rig.start(['run', 'plan.json']);
    await until(
      () =>
        readdirSync(rig.repo).includes('.message-bus') &&
        status() !== '' &&
        rig.read('.message-bus/locks.json') !== '',
    );
    const monitor = spawn('python3', [MONITOR, rig.bus, join(rig.repo, 'stop')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    monitor.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    monitor.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | null>(resolve => monitor.once('exit', resolve));
    expect((await run.ended).code).toBe(0);
    writeFileSync(join(rig.repo, 'stop'), '');
    expect({ code: await ended, said }).toMatchObject({ code: 0 });
    expect(Number(said.trim())).toBeGreaterThan(5);
  },
  40_000,
);
