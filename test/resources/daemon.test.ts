import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rig } from '../e2e/rig.js';
import { endOfRun, filesIn, freeze, HASTY, submit, thaw, up } from '../liveness/machine.js';
import { until } from '../until.js';
import { unless, whyNoStrace } from './shortage.js';
import { bothRunOnce, firstRuns, letGo, STACK, twoTasks } from './two-tasks.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

describe('a bus that is taken away', () => {
  test.each(['removed', 'moved', 'replaced'] as const)(
    '%s: its daemon ends with a word, and makes nothing anew',
    async how => {
      twoTasks(rig);
      const daemon = await up(rig);
      await submit(rig, 'plan.json');
      await firstRuns(rig);
      const away = join(rig.repo, 'away');
      renameSync(rig.bus, away);
      if (how === 'replaced') mkdirSync(rig.bus, { mode: 0o700 });
      if (how === 'removed') rmSync(away, { recursive: true, force: true });
      const { code, stderr } = await daemon.ended;
      expect(code).toBe(1);
      expect(stderr).toContain(how === 'replaced' ? 'was replaced by another folder' : 'was taken away');
      expect(stderr).not.toMatch(STACK);
      if (how === 'replaced') expect(filesIn(rig.bus)).toEqual([]);
      else expect(existsSync(rig.bus)).toBe(false);
      letGo(rig);
    },
    60_000,
  );
});

describe('a machine without watches', () => {
  const none = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
  const without = (what: string): string => `echo 0 > /proc/sys/user/max_inotify_${what}`;
  const tried = spawnSync(none[0] ?? '', [...none.slice(1), without('watches')], { encoding: 'utf8' });
  const unwatchedTest = unless(tried.status === 0 ? undefined : tried.stderr, 'a machine without inotify')
    ? test
    : test.skip;

  unwatchedTest.each([
    ['instances', 'EMFILE'],
    ['watches', 'ENOSPC'],
  ] as const)(
    'without %s: everything works by looking, at rest too, and status and doctor say "polling"',
    async (what, code) => {
      twoTasks(rig);
      await up(rig, { through: [...none, `${without(what)} && exec "$@"`, 'sh'] });
      await submit(rig, 'plan.json');
      await firstRuns(rig);
      expect((await rig.signalbox(['status'])).stdout).toContain('polling every 2 s');
      expect(JSON.parse((await rig.signalbox(['status', '--json'])).stdout)).toHaveProperty(
        'daemon.polling',
        code,
      );
      expect((await rig.signalbox(['doctor'])).stdout).toContain('polling every 2 s');
      letGo(rig);
      await endOfRun(rig);
      writeFileSync(join(rig.bus, 'events', 'PAUSE_REQUESTED_x.event'), '');
      await until(
        () => filesIn(join(rig.bus, 'events')).every(name => !name.startsWith('PAUSE')),
        10_000,
        'the pause',
      );
      expect((await rig.signalbox(['down'])).code).toBe(0);
      expect(rig.lines('witness')).toEqual(['a', 'b']);
    },
    90_000,
  );
});

test('forty thousand event files that came while the daemon stood still are all dealt with', async () => {
  twoTasks(rig);
  const daemon = await up(rig);
  await submit(rig, 'plan.json');
  await firstRuns(rig);
  await freeze(daemon.pid);
  const events = join(rig.bus, 'events');
  const made = join(rig.repo, 'one');
  for (let number = 0; number < 40_000; number++) {
    writeFileSync(made, '{"payload":{"progress_pct":40}}');
    renameSync(made, join(events, `PROGRESS_a@${number}.event`));
  }
  thaw(daemon.pid);
  await until(
    () => !filesIn(events).some(name => name.startsWith('PROGRESS')),
    60_000,
    'all to be dealt with',
  );
  letGo(rig);
  await endOfRun(rig);
  expect(rig.lines('witness')).toEqual(['a', 'b']);
}, 150_000);

describe('descriptors or processes that are not to be had', () => {
  test('with too few of both, attempts end typed or succeed, and nothing is left running', async () => {
    rig.plan(
      'plan.json',
      ['a', 'b', 'c', 'd', 'e', 'f'].map(id => ({ id, command: 'true', retries: 0 })),
      {
        settings: { max_parallel: 6 },
      },
    );
    const run = rig.start(['run', 'plan.json'], {
      timeoutMs: 60_000,
      through: ['sh', '-c', 'ulimit -n 36; exec "$@"', 'sh'],
    });
    const { code, stderr } = await run.ended;
    expect(stderr).not.toMatch(STACK);
    if (code !== 0) await rig.signalbox(['run', 'plan.json'], { timeoutMs: 40_000 });
    const report = rig.report();
    expect(report.tasks.every(({ end }) => end === 'complete' || end === 'failed' || end === 'skipped')).toBe(
      true,
    );
  }, 120_000);
});

const ifTraced = unless(whyNoStrace(), 'calls that fail') ? describe : describe.skip;

ifTraced('a call that fails', () => {
  const through = (call: string, when: number, error = 'EIO'): string[] => [
    'strace',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}:when=${when}+`,
  ];

  test.each([2, 3, 4, 5])(
    'sync number %i of the daemon: it ends with a word, and the next start goes on',
    async when => {
      twoTasks(rig);
      letGo(rig);
      const { code, stderr } = await rig.signalbox(['run', 'plan.json'], {
        through: through('fdatasync', when),
      });
      expect(code).not.toBe(0);
      expect(stderr).toContain('the journal cannot be written (EIO');
      expect(stderr).not.toMatch(STACK);
      await bothRunOnce(rig);
    },
    90_000,
  );

  test.each([
    ['rename', 3],
    ['rename', 5],
    ['rename', 8],
    ['rename', 12],
    ['link', 1],
    ['unlink', 2],
  ] as const)(
    '%s from number %i on: no stack, no half decision, and the next start goes on',
    async (call, when) => {
      twoTasks(rig);
      letGo(rig);
      const { stderr } = await rig.signalbox(['run', 'plan.json'], { through: through(call, when) });
      expect(stderr).not.toMatch(STACK);
      await bothRunOnce(rig);
      expect(rig.lines('witness')).toEqual(['a', 'b']);
    },
    90_000,
  );
});

describe('signals', () => {
  test.each([
    ['SIGTERM', 2],
    ['SIGINT', 3],
    ['SIGHUP', 1],
  ] as const)(
    '%s, %i times, to a daemon: it ends, what runs goes on, and the next takes it up',
    async (signal, times) => {
      twoTasks(rig);
      const daemon = await up(rig);
      await submit(rig, 'plan.json');
      await firstRuns(rig);
      daemon.kill(signal);
      // Signals that come together are one to the kernel.
      if (signal === 'SIGINT') await until(() => daemon.said.stderr.includes('draining'));
      for (let time = 1; time < times; time++) daemon.kill(signal);
      const { code, stderr } = await daemon.ended;
      expect(code).toBe(0);
      expect(stderr).not.toMatch(STACK);
      letGo(rig);
      await bothRunOnce(rig);
    },
    60_000,
  );
});
