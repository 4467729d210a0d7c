import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Quarantine } from '../../../daemon/bus/quarantine.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => place.remove());

const kept = (): string[] => readdirSync(join(place.bus, 'quarantine')).sort();

function takeFile(quarantine: Quarantine, name: string, why = 'it is bad'): void {
  writeFileSync(join(place.bus, 'events', name), name);
  expect(quarantine.take('events', Buffer.from(name).toString('latin1'), why)).toBe('gone');
}

describe('the quarantine', () => {
  test('keeps what came and why, in the order in which it came, over restarts too', () => {
    takeFile(new Quarantine(place.bus), 'b');
    takeFile(new Quarantine(place.bus), 'a', 'it\nis \u001b[31mbad');
    expect(kept()).toEqual(['000000001-b', '000000001-b.reason', '000000002-a', '000000002-a.reason']);
    expect(readFileSync(join(place.bus, 'quarantine/000000002-a'), 'utf8')).toBe('a');
    const reason = readFileSync(join(place.bus, 'quarantine/000000002-a.reason'), 'utf8');
    expect(reason).toMatch(/^\d{4}-.*Z events\/a: it\\x0ais \\x1b\[31mbad\n$/);
  });

  test('holds no more than its limit: the oldest make room, folders among them', async () => {
    const quarantine = new Quarantine(place.bus);
    mkdirSync(join(place.bus, 'events/folder/within'), { recursive: true });
    quarantine.take('events', 'folder', 'it is no file');
    for (let number = 0; number < 1000; number++) takeFile(quarantine, `x${number}`);
    expect(quarantine.count).toBe(1000);
    await until(() => kept().length === 2000);
    expect(kept()[0]).toBe('000000002-x0');
    const later = new Quarantine(place.bus);
    expect(later.count).toBe(1000);
    takeFile(later, 'last');
    expect(kept()[0]).toBe('000000003-x1');
    expect(kept().at(-2)).toBe('000001002-last');
  });

  test('holds no more than so many bytes: large ones make room for the next, and over restarts too', () => {
    const large = (name: string): void => {
      writeFileSync(join(place.bus, 'events', name), '');
      truncateSync(join(place.bus, 'events', name), 50 * 1024 ** 2);
    };
    large('a');
    new Quarantine(place.bus).take('events', 'a', 'it is too large');
    expect(kept()).toEqual(['000000001-a', '000000001-a.reason']);
    large('b');
    new Quarantine(place.bus).take('events', 'b', 'it is too large');
    expect(kept()).toEqual(['000000002-b', '000000002-b.reason']);
  });

  test('takes a name that is no UTF-8', () => {
    writeFileSync(Buffer.from(`${join(place.bus, 'events')}/a\xff\xfe`, 'latin1'), '');
    expect(new Quarantine(place.bus).take('events', 'a\xff\xfe', 'it is bad')).toBe('gone');
    expect(readdirSync(join(place.bus, 'events'))).toEqual([]);
    expect(kept()).toHaveLength(2);
  });

  test('passes over what has gone', () => {
    const quarantine = new Quarantine(place.bus);
    expect(quarantine.take('events', 'never-was', 'it is bad')).toBe('gone');
    expect(kept()).toEqual([]);
    expect(quarantine.count).toBe(0);
  });

  test('names what it keeps safely, and never so that it is taken for a reason', () => {
    const quarantine = new Quarantine(place.bus);
    takeFile(quarantine, 'a b\u001b;$(rm)\u202e');
    takeFile(quarantine, 'sly.reason');
    takeFile(quarantine, 'x'.repeat(250));
    for (const name of kept()) expect(name).toMatch(/^[A-Za-z0-9._@-]{1,120}$/);
    expect(new Quarantine(place.bus).count).toBe(3);
  });
});
