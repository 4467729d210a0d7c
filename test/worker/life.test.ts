import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { encodeOrder } from '../../bus-schema/assignment.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema } from '../../bus-schema/lease.js';
import { until } from '../until.js';
import { lives, Rig, WORKER } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const lease = (): string | undefined => rig.read(layout.workerInfo(WORKER));

describe('a worker', () => {
  test('says who it is', async () => {
    rig.start();
    const text = await until(lease);
    const { holder, version } = leaseSchema.parse(JSON.parse(text));
    expect(holder.pid).toBe(rig.workerPid);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('beats, idle or not', async () => {
    const path = rig.path(layout.heartbeat(WORKER));
    const beatAfter = (): Promise<boolean> => {
      utimesSync(path, 1, 1);
      return until(() => statSync(path).mtimeMs > 1_000_000);
    };
    rig.start();
    await until(() => existsSync(path));
    expect(await beatAfter()).toBe(true);
    rig.send('t1', 'echo >> up; sleep 60');
    await rig.written('up');
    expect(await beatAfter()).toBe(true);
  });

  test('takes orders that were there before it and those that come later, one at a time, in order', async () => {
    const note = (name: string): string =>
      `echo ${name} begins >> story; sleep 0.05; echo ${name} ends >> story`;
    rig.send('t1', note('t1'));
    rig.send('t2', note('t2'));
    const last = rig.start().send('t3', note('t3'));
    await rig.told(last);
    const story = (await rig.written('story')).trim().split('\n');
    expect(story).toEqual(['t1', 't2', 't3'].flatMap(name => [`${name} begins`, `${name} ends`]));
  });

  test('waits for the rest of a line, however it is cut', async () => {
    const order = rig.order('t1', 'echo "\u{1f682}"');
    const line = Buffer.from(encodeOrder(order));
    const inTheTrain = line.indexOf(0xf0) + 2;
    rig.append(encodeOrder(rig.order('t2', 'true')));
    rig.start().append(line.subarray(0, inTheTrain));
    const other = rig.order('t2', 'true');
    await until(lease);
    expect(rig.toldAlready(order)).toBeUndefined();
    rig.append(line.subarray(inTheTrain, -1));
    rig.append(Buffer.concat([line.subarray(-1), Buffer.from(encodeOrder(other))]));
    await rig.told(other);
    expect(rig.output(order)).toBe('\u{1f682}\n');
  });

  test('passes over a line that was torn', async () => {
    rig.start().append('{"do":"sta\n');
    expect((await rig.told(rig.send('t1', 'true'))).outcome.kind).toBe('complete');
    expect(await until(() => rig.read(layout.workerLog(WORKER))?.includes('an order is torn'))).toBe(true);
  });

  test('told to retire does what was ordered and ends', async () => {
    const order = rig.send('t1', 'sleep 0.1');
    rig.append(encodeOrder({ do: 'retire' }));
    expect(await rig.start().exit()).toBe(0);
    expect(rig.toldAlready(order)?.outcome.kind).toBe('complete');
  });

  test('without a daemon finishes its work, and ends after some time without any', async () => {
    unlinkSync(rig.path(layout.daemonInfo));
    const order = rig.send('t1', 'sleep 0.5');
    expect(await rig.start({ SIGNALBOX_IDLE_EXIT_MS: '200' }).exit()).toBe(0);
    expect(rig.toldAlready(order)?.outcome.kind).toBe('complete');
  });

  test('stays as long as there is a daemon, and goes when that one is another process by the same number', async () => {
    rig.start({ SIGNALBOX_IDLE_EXIT_MS: '1' });
    const path = rig.path(layout.heartbeat(WORKER));
    await until(() => existsSync(path));
    for (let beats = 0; beats < 3; beats++) {
      utimesSync(path, 1, 1);
      await until(() => statSync(path).mtimeMs > 1_000_000);
    }
    expect(lives(rig.workerPid)).toBe(true);
    const info = JSON.parse(rig.read(layout.daemonInfo) ?? '') as { holder: { startTime: string } };
    info.holder.startTime = '1';
    writeFileSync(rig.path(layout.daemonInfo), JSON.stringify(info));
    expect(await rig.exit()).toBe(0);
  });

  test('on SIGTERM ends its attempt, reports it and goes; what is queued stays free', async () => {
    const order = rig.start().send('t1', 'echo $$ >> pids; sleep 60');
    const queued = rig.send('t2', 'touch witness');
    const pid = Number(await rig.written('pids'));
    rig.signal('SIGTERM');
    expect(await rig.exit()).toBe(0);
    expect(rig.toldAlready(order)?.outcome.kind).toBe('cancelled');
    expect(lives(pid)).toBe(false);
    expect(existsSync(rig.path(layout.claim(queued.run, queued.attempt)))).toBe(false);
  });

  test('takes nothing more on its way out', async () => {
    const order = rig
      .start()
      .send('t1', `trap 'echo >> heard' TERM; echo >> up; while :; do sleep 0.01; done`);
    await rig.written('up');
    rig.signal('SIGTERM');
    await rig.written('heard');
    const late = rig.send('t2', 'touch witness');
    expect(await rig.exit()).toBe(0);
    expect(rig.toldAlready(order)?.outcome.kind).toBe('cancelled');
    expect(existsSync(rig.path(layout.claim(late.run, late.attempt)))).toBe(false);
  });

  test('that has retired leaves a later order to others', async () => {
    const late = rig.order('t1', 'touch witness');
    rig.append(encodeOrder({ do: 'retire' }) + encodeOrder(late));
    expect(await rig.start().exit()).toBe(0);
    expect(existsSync(rig.path(layout.claim(late.run, late.attempt)))).toBe(false);
  });

  test('is not moved by the signals of a terminal', async () => {
    const order = rig.start().send('t1', 'echo >> up; until test -e go; do sleep 0.01; done');
    await rig.written('up');
    rig.signal('SIGHUP');
    rig.signal('SIGINT');
    writeFileSync(join(rig.root, 'go'), '');
    expect((await rig.told(order)).outcome.kind).toBe('complete');
  });

  test('whose bus vanishes ends its command and goes', async () => {
    rig.start().send('t1', 'echo $$ >> pids; sleep 60');
    const pid = Number(await rig.written('pids'));
    renameSync(rig.bus, `${rig.bus}.gone`);
    expect(await rig.exit()).toBe(3);
    expect(lives(pid)).toBe(false);
  });

  test('keeps an outcome until it can be reported', async () => {
    const events = rig.path(layout.events);
    rmSync(events, { recursive: true });
    symlinkSync('/proc/nowhere', events);
    const order = rig.start().send('t1', 'true');
    await until(() => rig.read(layout.workerLog(WORKER))?.includes('cannot report an outcome'));
    unlinkSync(events);
    mkdirSync(events);
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
  });

  test('that is started by hand is told how', () => {
    const call = (): string =>
      execFileSync(process.execPath, ['--import', 'tsx', 'worker/main.ts', 'relative'], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, NODE_OPTIONS: '' },
      });
    expect(call).toThrow(/A worker is started by the daemon/);
  });
});
