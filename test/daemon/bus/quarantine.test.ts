import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Quarantine } from '../../../daemon/bus/quarantine.js';
import { freshBus } from '../../fresh-folder.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => place.remove());

const kept = (): string[] => readdirSync(join(place.bus, 'quarantine')).sort();

function takeFile(quarantine: Quarantine, name: string, why = 'it is bad'): void {
  writeFileSync(join(place.bus, 'events', name), name);
  expect(quarantine.take('events', name, why)).toBe('gone');
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

  test('holds no more than its limit: the oldest make room, folders among them', () => {
    const quarantine = new Quarantine(place.bus);
    mkdirSync(join(place.bus, 'events/folder/within'), { recursive: true });
    quarantine.take('events', 'folder', 'it is no file');
    for (let number = 0; number < 1000; number++) takeFile(quarantine, `x${number}`);
    expect(quarantine.count).toBe(1000);
    expect(kept()).toHaveLength(2000);
    expect(kept()[0]).toBe('000000002-x0');
    const later = new Quarantine(place.bus);
    expect(later.count).toBe(1000);
    takeFile(later, 'last');
    expect(kept()[0]).toBe('000000003-x1');
    expect(kept().at(-2)).toBe('000001002-last');
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
