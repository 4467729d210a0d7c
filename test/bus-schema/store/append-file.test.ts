import { appendFileSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppendFile } from '../../../bus-schema/store/append-file.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let path: string;
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'feed.jsonl');
});
afterEach(() => {
  folder.remove();
});

describe('a file that only grows', () => {
  test('is made private, and keeps what was there', () => {
    appendFileSync(path, 'a\n', { mode: 0o600 });
    const file = new AppendFile(path);
    file.append('b\n');
    file.sync();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('writes at the end, whoever else has made it longer', () => {
    const file = new AppendFile(path);
    file.append('ours\n');
    appendFileSync(path, 'theirs\n');
    file.append('ours again\n');
    expect(readFileSync(path, 'utf8')).toBe('ours\ntheirs\nours again\n');
    expect(file.size).toBe('ours\ntheirs\nours again\n'.length);
    file.close();
  });

  test('can be cut where a record was torn, and goes on from there', () => {
    const file = new AppendFile(path);
    file.append('whole\n');
    file.append('to');
    file.cut('whole\n'.length);
    file.append('next\n');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('whole\nnext\n');
  });

  test('is not opened through a link', () => {
    symlinkSync(join(folder.path, 'elsewhere'), path);
    expect(() => new AppendFile(path)).toThrow('ELOOP');
  });
});
