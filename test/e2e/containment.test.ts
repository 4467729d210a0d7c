import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { ContainmentKind } from '../../bus-schema/containment.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import { signalProcess } from '../../bus-schema/store/process-identity.js';
import { findProgram } from '../../daemon/cli/agents-on-path.js';
import { residenceOf, type Residence } from '../../daemon/pool/worker-process.js';
import { replay } from '../../daemon/replay.js';
import { aliveWith, escapingCommand, haveEscaped, TIERS } from '../escapees.js';
import { until } from '../until.js';
import { PROGRAM, Rig, type Background } from './rig.js';

let rig: Rig;
let mark: string;
beforeEach(() => {
  rig = new Rig();
  mark = `escapee-${randomBytes(6).toString('hex')}`;
  rig.write('signalbox.config.yaml', 'kill_grace: 100ms\nsettle_grace: 100ms\nheartbeat: 500ms\n');
});
afterEach(async () => {
  for (const { pid } of aliveWith(mark)) process.kill(pid, 'SIGKILL');
  await rig.remove();
});

async function up(kind: ContainmentKind): Promise<Background> {
  const daemon = rig.start(['up'], { timeoutMs: 60_000, env: { SIGNALBOX_CONTAINMENT: kind } });
  daemon.ended.catch(() => undefined);
  await until(() => daemon.said.stderr.includes('holds'), 15_000, 'a daemon that is up');
  return daemon;
}

/** The worker that has a task in hand, as it tells of itself. */
function workerOf(task: string): Residence {
  const past = replay(rig.bus);
  if (!past.ok) throw new Error(past.error.message);
  const attempt = [...past.value.state.attempts.values()].find(({ node }) => node.task.id === task);
  const residence = attempt && residenceOf(rig.bus, attempt.worker);
  if (residence === undefined) throw new Error(`nobody has ${task} in hand`);
  return residence;
}

const ended = (): Promise<unknown> =>
  until(() => rig.read('.message-bus/queue.jsonl').includes('RUN_COMPLETE'), 25_000, 'the end of the run');

const outcomes = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(({ id, cause = '' }) => [id, cause]));

describe.each(TIERS)('in containment %s', kind => {
  const task = (id: string, more: object = {}): object => ({
    ...{ id, retries: 0, command: escapingCommand(`${mark}-${id}`, kind) },
    ...more,
  });
  const escaped = (...ids: string[]): Promise<unknown> =>
    until(() => ids.every(id => haveEscaped(`${mark}-${id}`, kind)), 20_000, 'all that escapes');

  test('nothing outlives a timeout, a cancel, or the death of its worker', async () => {
    rig.plan('plan.json', [task('timed', { timeout: '4s' }), task('cancelled'), task('orphaned')]);
    await up(kind);
    await rig.signalbox(['submit', 'plan.json']);
    await escaped('timed', 'cancelled', 'orphaned');
    expect(workerOf('orphaned').containment.kind).toBe(kind);
    signalProcess(workerOf('orphaned').holder, 'SIGKILL');
    expect((await rig.signalbox(['cancel', rig.run(), 'cancelled'])).code).toBe(0);
    await ended();
    expect(aliveWith(mark)).toEqual([]);
    expect(outcomes()).toEqual({
      timed: expect.stringContaining('timeout of 4.0s'),
      cancelled: expect.stringContaining('cancelled'),
      orphaned: expect.stringContaining('worker died'),
    });
  }, 60_000);

  test('a later daemon ends what is left, and what goes on under its worker', async () => {
    rig.plan('plan.json', [task('orphaned'), task('frozen'), task('adopted')]);
    const daemon = await up(kind);
    await rig.signalbox(['submit', 'plan.json']);
    await escaped('orphaned', 'frozen', 'adopted');
    const [orphaned, frozen] = [workerOf('orphaned').holder, workerOf('frozen').holder];
    daemon.kill('SIGKILL');
    await daemon.ended;
    signalProcess(orphaned, 'SIGKILL');
    signalProcess(frozen, 'SIGSTOP');
    expect(haveEscaped(`${mark}-adopted`, kind)).toBe(true);
    await up(kind);
    expect((await rig.signalbox(['cancel', rig.run(), 'adopted'])).code).toBe(0);
    await ended();
    expect(aliveWith(mark)).toEqual([]);
    expect(outcomes()).toEqual({
      orphaned: expect.stringContaining('worker died'),
      frozen: expect.stringContaining('worker died'),
      adopted: expect.stringContaining('cancelled'),
    });
  }, 60_000);

  test('a task can speak to its daemon', async () => {
    rig.plan('plan.json', [
      { id: 'a', retries: 0, command: '"$NODE" "$SIGNALBOX" status --json > seen.json && kill -0 $$' },
    ]);
    const { code } = await rig.signalbox(['run', 'plan.json'], {
      env: { SIGNALBOX_CONTAINMENT: kind, NODE: process.execPath, SIGNALBOX: PROGRAM },
    });
    expect(code).toBe(0);
    expect(JSON.parse(rig.read('seen.json'))).toMatchObject({ daemon: { up: true } });
  });
});

describe('a containment', () => {
  test('that is no word for one is refused, with those that are', async () => {
    rig.plan('plan.json', [{ id: 'a', command: 'touch witness' }]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json'], {
      env: { SIGNALBOX_CONTAINMENT: 'cgruop' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('"cgruop"');
    expect(stderr).toContain('auto, cgroup, reaper, namespace, group');
    expect(rig.read('.message-bus/queue.jsonl')).toBe('');
  });

  test('that is not to be had is refused, with the reason and what there is', async () => {
    rig.plan('plan.json', [{ id: 'a', command: 'touch witness' }]);
    rig.write('signalbox.config.yaml', 'containment: namespace\n');
    // A machine without unshare.
    mkdirSync(join(rig.repo, 'bin'));
    const flock = findProgram('flock', process.env.PATH ?? '') ?? '';
    symlinkSync(flock, join(rig.repo, 'bin', 'flock'));
    const { code, stderr } = await rig.signalbox(['run', 'plan.json'], {
      env: { PATH: join(rig.repo, 'bin') },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('containment "namespace" is not to be had here: ');
    expect(stderr).toContain('unshare');
    expect(stderr).toMatch(/There is auto, .*group/);
  });

  test('is told by doctor, of the machine and of each worker', async () => {
    rig.plan('plan.json', [{ id: 'a', command: 'touch begun; sleep 60' }]);
    await up('group');
    await rig.signalbox(['submit', 'plan.json']);
    await until(() => residenceOf(rig.bus, 'worker-1' as WorkerId));
    const { stdout } = await rig.signalbox(['doctor'], { env: { SIGNALBOX_CONTAINMENT: 'group' } });
    expect(stdout).toMatch(/containment: group: .*escapes it/);
    expect(stdout).toContain('alive: worker-1 (group)');
    expect(rig.read(join('.message-bus', layout.stuck))).toBe('');
  });
});

test('an attempt that will not die is told of, with its processes', async () => {
  rig.plan('plan.json', [{ id: 'a', command: `exec sh -c "while :; do sleep 0.2; done" ${mark}` }]);
  const daemon = await up('group');
  await rig.signalbox(['submit', 'plan.json']);
  await until(() => aliveWith(mark).length > 0);
  // As a daemon leaves it behind that could not end the processes.
  daemon.kill('SIGKILL');
  await daemon.ended;
  rig.write(join('.message-bus', layout.stuck), JSON.stringify({ [`${rig.run()}.0.1`]: [7, 8] }));
  const told = 'processes 7, 8 outlived SIGKILL; the attempt keeps its slot and its files';
  expect((await rig.signalbox(['status'])).stdout).toContain(`stuck    a on worker-1: ${told}`);
  expect((await rig.signalbox(['explain', 'a'])).stdout).toContain(told);
  const json: unknown = JSON.parse((await rig.signalbox(['status', '--json'])).stdout);
  expect(json).toMatchObject({ runs: [{ attempts: [{ task: 'a', stuck: [7, 8] }] }] });
  // The next daemon knows nothing of it until it has tried by itself.
  await up('group');
  expect(rig.read(join('.message-bus', layout.stuck))).toBe('');
});
