import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SegmentFolder, type Segments } from '../../daemon/journal/segments.js';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { Dice } from './dice.js';
import { Crash, SimDisk } from './disk.js';

const A = '000000000001.jsonl';
const B = '000000000002.jsonl';

let folder: FreshFolder;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => folder.remove());

/** What the journal takes for granted of its files; the simulated ones have to be like the real ones in it. */
describe.each([
  ['a real folder', (): Segments => new SegmentFolder(folder.path)],
  ['the simulated disk', (): Segments => new SimDisk(new Dice(1), () => undefined)],
])('segments in %s', (_name, open) => {
  test('are there by name, the earliest first, with what was appended, in order', () => {
    const segments = open();
    expect(segments.names()).toEqual([]);
    segments.open(B).append('later\n');
    const first = segments.open(A);
    first.append('one\n');
    first.append('two\n');
    first.sync();
    first.close();
    expect(segments.names()).toEqual([A, B]);
    expect(segments.read(A).toString()).toBe('one\ntwo\n');
    expect(segments.open(A).size).toBe(8);
  });

  test('are cut, and grow again from there', () => {
    const segments = open();
    const segment = segments.open(A);
    segment.append('whole\ntorn');
    segment.cut(6);
    expect(segment.size).toBe(6);
    segment.append('next\n');
    expect(segments.read(A).toString()).toBe('whole\nnext\n');
  });

  test('opened twice, hold what both wrote', () => {
    const segments = open();
    segments.open(A).append('one\n');
    segments.open(A).append('two\n');
    expect(segments.read(A).toString()).toBe('one\ntwo\n');
  });
});

describe('the simulated disk', () => {
  const afterPowerCut = (seed: number): string => {
    const disk = new SimDisk(new Dice(seed), () => undefined);
    const segment = disk.open(A);
    segment.append('synced\n');
    segment.sync();
    segment.append('not synced\n');
    disk.losePower();
    return disk.read(A).toString();
  };

  test('keeps what was synced, and of the rest nothing, all or a part, with zeros in it or not', () => {
    const seen = Array.from({ length: 300 }, (_, seed) => afterPowerCut(seed));
    expect(seen.every(text => text.startsWith('synced\n'))).toBe(true);
    expect(new Set(seen).size).toBeGreaterThan(10);
    expect(seen).toContain('synced\n');
    expect(seen).toContain('synced\nnot synced\n');
    expect(seen.some(text => text.includes('\0'))).toBe(true);
  });

  test('keeps the name of a file once its folder was synced, and before that perhaps', () => {
    const namesAfter = (crashAt: string, seed: number): string[] => {
      const disk = new SimDisk(new Dice(seed), call => {
        if (call === crashAt) throw new Crash(call);
      });
      expect(() => disk.open(A)).toThrow(Crash);
      disk.losePower();
      return disk.names();
    };
    const seeds = Array.from({ length: 50 }, (_, seed) => seed);
    expect(new Set(seeds.map(seed => namesAfter('opened segment', seed).length))).toEqual(new Set([0, 1]));
    expect(seeds.every(seed => namesAfter('synced folder', seed).length === 1)).toBe(true);
  });

  test('keeps a part of what was being appended when the daemon was killed', () => {
    let alive = true;
    const disk = new SimDisk(new Dice(3), call => {
      if (!alive && call === 'append') throw new Crash(call);
    });
    const segment = disk.open(A);
    alive = false;
    expect(() => {
      segment.append('half of it');
    }).toThrow(Crash);
    expect('half of it'.startsWith(disk.read(A).toString())).toBe(true);
    expect(disk.read(A).toString()).not.toBe('half of it');
  });
});
