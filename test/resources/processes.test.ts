import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { layout } from '../../bus-schema/layout.js';
import { PROGRAM, Rig } from '../e2e/rig.js';
import { feedOf, filesIn, HASTY, logOf, submit, up } from '../liveness/machine.js';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';
import { failCalls, unless, whyNoOtherUser, whyNoStrace } from './shortage.js';
import { firstRuns, letGo, ranOnce, reported, STACK, twoTasks } from './two-tasks.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

/** The daemon has tried to start a worker, and could not. */
const refusal = (): Promise<true> =>
  until(() => logOf(rig).includes('a worker is gone') || undefined, 20_000, 'a refusal');

/** The attempt has no process: by its claim, by the view of workers, and by what commands tell. */
async function nothingRuns(): Promise<void> {
  const claims = filesIn(join(rig.bus, layout.attempts(rig.run()))).filter(name => name.endsWith('.claim'));
  expect(claims).toEqual([]);
  await until(() => /"pid": 0\b/.test(rig.read('.message-bus/worker-status.json')), 10_000, 'the view');
  expect(rig.lines('witness')).toEqual([]);
}

const ifTraced = unless(whyNoStrace(), 'forks that fail') ? describe : describe.skip;

ifTraced('a machine that starts no process for a while', () => {
  test('nothing is started, and what was to be is started when it does', async () => {
    twoTasks(rig);
    letGo(rig);
    const daemon = await up(rig);
    const failing = await failCalls([daemon.pid], ['clone', 'fork', 'vfork'], 'EAGAIN');
    await submit(rig, 'plan.json');
    await refusal();
    await nothingRuns();
    await failing.end();
    await reported(rig);
    ranOnce(rig);
    expect((await rig.signalbox(['down'])).code).toBe(0);
    expect((await daemon.ended).stderr).not.toMatch(STACK);
  }, 60_000);

  test('for longer: the run ends with the reason, and the next one is as ever', async () => {
    twoTasks(rig);
    letGo(rig);
    const daemon = await up(rig);
    const failing = await failCalls([daemon.pid], ['clone', 'fork', 'vfork'], 'EAGAIN');
    await submit(rig, 'plan.json');
    await until(() => feedOf(rig).includes('RUN_COMPLETE'), 40_000, 'the end of the run');
    expect(feedOf(rig)).toContain('no worker could be had');
    expect(feedOf(rig)).toContain('EAGAIN');
    expect(rig.lines('witness')).toEqual([]);
    await failing.end();
    const again = await rig.signalbox(['run', 'plan.json']);
    expect(again.stderr).not.toMatch(STACK);
    expect(again.code).toBe(0);
    expect(rig.lines('witness')).toEqual(['a', 'b']);
    expect((await rig.signalbox(['down'])).code).toBe(0);
    expect((await daemon.ended).stderr).not.toMatch(STACK);
  }, 90_000);
});

/** Nobody else's, so that no process of others counts. */
const USER = 61_000 + (process.pid % 4000);
const ifOther = unless(whyNoOtherUser(USER, PROGRAM), 'a limit to the number of processes')
  ? test
  : test.skip;

ifOther(
  'a user with no process left to start: the task waits for one, and begins when it is there',
  async () => {
    twoTasks(rig);
    execFileSync('chown', ['-R', `${USER}:${USER}`, rig.repo]);
    const user = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--'];
    const asUser = ['setpriv', ...user];
    const daemon = await up(rig, { through: asUser });
    const limit = (soft: string): void =>
      void execFileSync('setpriv', [...user, 'prlimit', '--pid', String(daemon.pid), `--nproc=${soft}:`]);
    limit('1');
    const { code } = await rig.signalbox(['submit', 'plan.json'], { through: asUser });
    expect(code).toBe(0);
    await refusal();
    await nothingRuns();
    limit('4096');
    await firstRuns(rig);
    letGo(rig);
    await reported(rig);
    ranOnce(rig);
    expect((await rig.signalbox(['down'], { through: asUser })).code).toBe(0);
    expect((await daemon.ended).stderr).not.toMatch(STACK);
  },
  60_000,
);

test('a machine without descriptors does not make a process count as gone', () => {
  const fromDist = (...path: string[]): string => pathToFileURL(join(ROOT, 'dist', ...path)).href;
  const script = `
    import { openSync } from 'node:fs';
    import { isRunning, ownIdentity } from '${fromDist('bus-schema', 'store', 'process-identity.js')}';
    import { bearsMark } from '${fromDist('bus-schema', 'store', 'marker-scan.js')}';
    const own = ownIdentity();
    const said = look => { try { return look(); } catch (error) { return error.code; } };
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(said(() => isRunning(own)), said(() => bearsMark(process.pid, 'x')));`;
  const limited = 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"';
  const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, script], { encoding: 'utf8' });
  expect(stdout).toBe('EMFILE EMFILE\n');
});
