import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import lockfile from 'proper-lockfile';
import { withCourtesyLock } from '../../../daemon/bus/courtesy-lock.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let path: string;
let written: number;
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'locks.json');
  written = 0;
});
afterEach(() => folder.remove());

const write = (): void => {
  written++;
};

describe('the courtesy lock', () => {
  test('is held during the write, and not after it', async () => {
    let during: boolean | undefined;
    await withCourtesyLock(path, () => {
      during = lockfile.checkSync(path, { realpath: false });
    });
    expect(during).toBe(true);
    expect(lockfile.checkSync(path, { realpath: false })).toBe(false);
  });

  test('waits for another program that holds it, for a moment, and then writes all the same', async () => {
    const release = await lockfile.lock(path, { realpath: false });
    const since = performance.now();
    await withCourtesyLock(path, write);
    expect(written).toBe(1);
    // Well before the lock would count as stale.
    expect(performance.now() - since).toBeLessThan(8000);
    expect(lockfile.checkSync(path, { realpath: false })).toBe(true);
    await release();
  });

  test('of a program that died long ago is taken over', async () => {
    mkdirSync(`${path}.lock`);
    utimesSync(`${path}.lock`, 1, 1);
    await withCourtesyLock(path, write);
    expect(written).toBe(1);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('that cannot be made is gone without', async () => {
    await withCourtesyLock(join(folder.path, 'nowhere/locks.json'), write);
    expect(written).toBe(1);
  });

  test('is given back when the write fails, and the failure is told', async () => {
    const failing = withCourtesyLock(path, () => {
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});
