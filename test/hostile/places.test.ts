import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { until } from '../until.js';
import { DEEP, fifo, HostileRig, POLLUTION } from './rig.js';

/** What may be put where a file belongs. */
const KINDS: readonly (readonly [string, (path: string) => void])[] = [
  ['a FIFO', fifo],
  ['a link to itself', path => symlinkSync(path, path)],
  ['a link to a device', path => symlinkSync('/dev/zero', path)],
  ['a folder', path => mkdirSync(join(path, 'within'), { recursive: true })],
  [
    'bytes',
    path => writeFileSync(path, Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) % 256))),
  ],
  ['brackets', path => writeFileSync(path, DEEP)],
  ['keys of every object', path => writeFileSync(path, POLLUTION)],
  ['more than any reader wants', path => writeFileSync(path, 'x'.repeat(5 * 1024 ** 2))],
];

/** Puts it there, though the daemon may make a view anew in the very moment between. */
async function put(path: string, make: (path: string) => void): Promise<void> {
  await until(() => {
    rmSync(path, { recursive: true, force: true });
    try {
      make(path);
      return true;
    } catch (error) {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) throw error;
      return false;
    }
  });
}

describe('in the place of a file of the bus', () => {
  const rig = new HostileRig();
  let run: RunId;
  beforeAll(async () => {
    await rig.up();
    run = await rig.hold();
  }, 60_000);
  afterAll(() => rig.remove());

  const places: readonly (readonly [string, () => string])[] = [
    ['locks.json', () => layout.locks],
    ['worker-status.json', () => layout.workerStatus],
    ['progress.txt', () => layout.progress],
    ['history.json', () => layout.history],
    ['a heartbeat', () => `${layout.heartbeats}/worker-1`],
    ['commands', () => `${layout.commands}/x-${Math.random().toString(36).slice(2)}.json`],
    ['a run’s report', () => layout.reportText(run)],
  ];
  for (const [where, place] of places) {
    test.each(KINDS)(`${where}: %s`, async (_what, make) => {
      const path = join(rig.bus, place());
      await put(path, make);
      await rig.answers();
      rmSync(path, { recursive: true, force: true });
      await rig.answers();
    });
  }

  test('in the feed, lines of others break none of ours', async () => {
    const feed = join(rig.bus, layout.queue);
    for (const line of ['x'.repeat(1024 ** 2), DEEP, '\0\xff\x9b', POLLUTION, `${POLLUTION}\n`, '{"id":']) {
      writeFileSync(feed, line, { flag: 'a' });
      await rig.answers();
    }
  });

  test('and the run comes to its end as if nothing had been', async () => {
    expect(await rig.release(run)).toMatchObject({ verdict: 'PASS', attemptsStarted: 1 });
    const ours = rig.lines('.message-bus/queue.jsonl').filter(line => line.startsWith('{"id"'));
    const types = ours.flatMap(line =>
      line === '{"id":' ? [] : [(JSON.parse(line) as { type: string }).type],
    );
    expect(types).toEqual(expect.arrayContaining(['TASK_COMPLETE', 'RUN_COMPLETE']));
  });
});

describe('a plan or a config that is no file to read is refused, at once', () => {
  let rig: HostileRig;
  beforeEach(() => {
    rig = new HostileRig();
  });
  afterEach(() => rig.remove());

  test.each(['/dev/zero', '/proc/self/mem', '/dev/tty', '/etc', 'pipe', 'loop', 'nothing\u001b[2J'])(
    '%s',
    async path => {
      fifo(join(rig.repo, 'pipe'));
      symlinkSync('loop', join(rig.repo, 'loop'));
      const { code, stdout, stderr } = await rig.signalbox(['run', path]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^[\x20-\x7e]+: error: [\x20-\x7e]+\n$/);
    },
  );

  test.each(KINDS.slice(0, 6))('the config: %s', async (_what, make) => {
    rig.plan('plan.json', [{ id: 'a', command: ':' }]);
    make(join(rig.repo, 'signalbox.config.yaml'));
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(2);
    expect(stderr).toContain('signalbox.config.yaml');
    expect(stderr).not.toMatch(/internal error/i);
  });

  test('a config that becomes one while the daemon runs changes nothing', async () => {
    const config = rig.write('signalbox.config.yaml', 'retries: 1\n');
    await rig.up();
    rmSync(config);
    fifo(config);
    await until(() => rig.read('.message-bus/daemon.log').includes('the changed config is not taken over'));
    await rig.answers();
  });
});
