import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ensureFolder, removeAll } from '../../../bus-schema/store/folder.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => {
  folder.remove();
});

test('a folder is made with those above it, private, and being there is enough', () => {
  const path = join(folder.path, 'a/b');
  ensureFolder(path);
  ensureFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a file in its place is an error', () => {
  writeFileSync(join(folder.path, 'a'), '');
  expect(() => {
    ensureFolder(join(folder.path, 'a'));
  }).toThrow('EEXIST');
});

test('a folder goes with all in it; a link goes and what it leads to stays', () => {
  const kept = join(folder.path, 'kept');
  writeFileSync(kept, '');
  mkdirSync(join(folder.path, 'a/b'), { recursive: true });
  symlinkSync(kept, join(folder.path, 'a/link'));
  removeAll(join(folder.path, 'a'));
  removeAll(join(folder.path, 'a'));
  expect(existsSync(join(folder.path, 'a'))).toBe(false);
  expect(existsSync(kept)).toBe(true);
});
