import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isLocked } from '../../../bus-schema/store/kernel-lock.js';
import { bootId } from '../../../bus-schema/store/process-identity.js';
import { becomeDaemon, type Mastery } from '../../../daemon/bus/singleton.js';
import { freshBus } from '../../fresh-folder.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => place.remove());

function release(mastery: Mastery): void {
  if (mastery.kind !== 'ours') throw new Error(`the bus is ${mastery.kind}`);
  mastery.release();
}

const info = (): string => join(place.bus, 'daemon.json');

describe('a bus has one daemon', () => {
  test('a second one is refused and told of the first, until that one ends', () => {
    const first = becomeDaemon(place.bus, '1.2.3');
    expect(isLocked(join(place.bus, 'daemon.lock'))).toBe(true);
    expect(becomeDaemon(place.bus, '9.9.9')).toMatchObject({
      kind: 'busy',
      holder: { version: '1.2.3', holder: { pid: process.pid } },
    });
    release(first);
    expect(isLocked(join(place.bus, 'daemon.lock'))).toBe(false);
    const second = becomeDaemon(place.bus, '2.0.0');
    expect(becomeDaemon(place.bus, '9.9.9')).toMatchObject({ holder: { version: '2.0.0' } });
    release(second);
  });

  test('who is refused while the first has not yet said who it is hears of that one, not of one before it', async () => {
    const first = becomeDaemon(place.bus, '1.2.3');
    const said = readFileSync(info(), 'utf8');
    const gone = { pid: process.pid, startTime: '1', bootId: bootId() };
    writeFileSync(info(), JSON.stringify({ holder: gone, version: '0.0.1', startedAt: 'once' }));
    expect(becomeDaemon(place.bus, '9.9.9')).toEqual({ kind: 'busy', holder: undefined });
    writeFileSync(join(place.bus, 'next'), said);
    const later = spawn('sh', ['-c', 'sleep 0.05; exec mv next daemon.json'], { cwd: place.bus });
    const ended = new Promise(resolve => later.once('exit', resolve));
    expect(becomeDaemon(place.bus, '9.9.9')).toMatchObject({ holder: { version: '1.2.3' } });
    await ended;
    release(first);
  });

  test.each(['', '{"holder":', '{"holder":{"pid":-1}}'])(
    '%j in daemon.json names nobody and stops nobody',
    text => {
      const first = becomeDaemon(place.bus, '1.2.3');
      writeFileSync(info(), text);
      expect(becomeDaemon(place.bus, '1.2.3')).toEqual({ kind: 'busy', holder: undefined });
      release(first);
      release(becomeDaemon(place.bus, '1.2.3'));
    },
  );
});
