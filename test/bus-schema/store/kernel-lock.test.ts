import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isLocked, tryLock } from '../../../bus-schema/store/kernel-lock.js';
import { compileInto } from '../../compiled.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'lock');
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  folder.remove();
});

/** Ends a child by kill -9 and waits until the kernel has closed its files. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

function take(): number {
  const attempt = tryLock(path);
  if (attempt.kind !== 'held') throw new Error(`expected the lock, got ${JSON.stringify(attempt)}`);
  return attempt.fd;
}

describe('a kernel lock', () => {
  test('has one holder, and is free again once that has closed it', () => {
    const fd = take();
    expect(tryLock(path)).toEqual({ kind: 'busy' });
    expect(isLocked(path)).toBe(true);
    closeSync(fd);
    expect(isLocked(path)).toBe(false);
    closeSync(take());
    expect(existsSync(path)).toBe(true);
  });

  test('is not taken by looking whether it is held', () => {
    expect(isLocked(path)).toBe(false);
    closeSync(take());
  });

  test('is kept by a child that inherited it, and goes with that child', async () => {
    const fd = take();
    const child = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    children.push(child);
    closeSync(fd);
    expect(isLocked(path)).toBe(true);
    await killed(child);
    expect(isLocked(path)).toBe(false);
  });

  test('is not kept by a child that was not given it', () => {
    const fd = take();
    children.push(spawn('sleep', ['600'], { stdio: 'ignore' }));
    closeSync(fd);
    expect(isLocked(path)).toBe(false);
  });

  test('is free at once after kill -9 of its holder', async () => {
    compileInto(folder.path, ['bus-schema/store/errors.ts', 'bus-schema/store/kernel-lock.ts']);
    writeFileSync(join(folder.path, 'holder.js'), HOLDER);
    const holder = spawn(process.execPath, [join(folder.path, 'holder.js'), path]);
    children.push(holder);
    const [said] = (await once(holder.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('held');
    expect(tryLock(path)).toEqual({ kind: 'busy' });
    await killed(holder);
    closeSync(take());
  });

  test('is not taken through a link', () => {
    symlinkSync(join(folder.path, 'elsewhere'), path);
    expect(() => tryLock(path)).toThrow('ELOOP');
  });
});

const HOLDER = `
import { tryLock } from './bus-schema/store/kernel-lock.js';
process.stdout.write(tryLock(process.argv[2]).kind);
setInterval(() => {}, 1000);
`;
