import { closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { layout } from '../../../bus-schema/layout.js';
import { tryLock } from '../../../bus-schema/store/kernel-lock.js';
import { ownIdentity } from '../../../bus-schema/store/process-identity.js';
import { daemonSign, leaseIn } from '../../../daemon/cli/sign.js';
import { becomeDaemon } from '../../../daemon/bus/singleton.js';
import { freshBus } from '../../fresh-folder.js';

let bus: ReturnType<typeof freshBus>;

beforeEach(() => {
  bus = freshBus();
});
afterEach(() => bus.remove());

const write = (file: string, text: string): void => writeFileSync(join(bus.bus, file), text);

test('no daemon has ever held the bus', () => {
  expect(daemonSign(bus.bus)).toEqual({ up: false });
});

test('one holds it, and has let it go', () => {
  const mastery = becomeDaemon(bus.bus, '1.2.3');
  const sign = daemonSign(bus.bus);
  expect(sign).toMatchObject({ up: true, lease: { version: '1.2.3', holder: { pid: process.pid } } });
  if (mastery.kind === 'ours') mastery.release();
  expect(daemonSign(bus.bus)).toEqual({ up: false });
});

test('one that was killed, and left its name', () => {
  write(layout.daemonLock, '');
  const holder = { ...ownIdentity(), startTime: 'long ago' };
  write(layout.daemonInfo, JSON.stringify({ holder, version: '1', startedAt: '2026-08-01T10:00:00.000Z' }));
  expect(daemonSign(bus.bus)).toEqual({ up: false });
});

test('looking never keeps a daemon out that has made its lock file and is about to take it', () => {
  write(layout.daemonLock, '');
  const held = tryLock(join(bus.bus, layout.daemonLock));
  // While nobody says who holds a new lock file, it is not touched: held or not, the answer is the same.
  expect(daemonSign(bus.bus)).toEqual({ up: false });
  if (held.kind === 'held') closeSync(held.fd);
  expect(daemonSign(bus.bus)).toEqual({ up: false });
});

test.each(['', '{', 'null', '[]', '{"holder":{}}', '{"holder":{"pid":"1"}}'])('%p is no lease', text => {
  expect(leaseIn(text)).toBeUndefined();
});
