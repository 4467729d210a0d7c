import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFile, replaceFile, replaceWithin } from '../../../bus-schema/store/write-file.js';
import { freshBus } from '../../fresh-folder.js';

let place: ReturnType<typeof freshBus>;
let path: string;
beforeEach(() => {
  place = freshBus();
  path = join(place.bus, 'events/TASK_COMPLETE_1.event');
});
afterEach(() => {
  expect(readdirSync(join(place.bus, 'staging'))).toEqual([]);
  place.remove();
});

describe.each([{ durable: true }, { durable: false }])('files come into sight whole, %j', options => {
  test('a new file is private, has one name, and holds all of it', () => {
    expect(createFile(place.bus, path, 'é\n'.repeat(200_000), options)).toBe('created');
    expect(readFileSync(path, 'utf8')).toBe('é\n'.repeat(200_000));
    const { mode, nlink } = statSync(path);
    expect({ mode: mode & 0o777, nlink }).toEqual({ mode: 0o600, nlink: 1 });
  });

  test('a name that is taken is said to be so and left as it was', () => {
    createFile(place.bus, path, 'first', options);
    expect(createFile(place.bus, path, 'second', options)).toBe('taken');
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  test('a link of that name is a name that is taken, and nobody writes through it', () => {
    symlinkSync(join(place.repo, 'outside'), path);
    expect(createFile(place.bus, path, 'x', options)).toBe('taken');
    expect(readdirSync(place.repo)).not.toContain('outside');
  });

  test('what was there is replaced; who had it open still reads the old one', () => {
    replaceFile(place.bus, path, 'old', options);
    const reader = openSync(path, 'r');
    replaceFile(place.bus, path, Buffer.from('new and longer'), options);
    expect(readFileSync(reader, 'utf8')).toBe('old');
    expect(readFileSync(path, 'utf8')).toBe('new and longer');
    closeSync(reader);
  });

  test('replacing a link replaces the link, not what it leads to', () => {
    const target = join(place.repo, 'target');
    writeFileSync(target, 'untouched');
    symlinkSync(target, path);
    replaceFile(place.bus, path, 'new', options);
    expect(readFileSync(target, 'utf8')).toBe('untouched');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('what the system refuses is thrown, and nothing is left in staging', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'x'), '');
    expect(() => {
      replaceFile(place.bus, path, 'x', options);
    }).toThrow(/EISDIR|ENOTEMPTY/);
    const nowhere = join(place.bus, 'no/such/folder');
    expect(() => createFile(place.bus, nowhere, 'x', options)).toThrow('ENOENT');
    expect(() => {
      replaceFile(place.bus, nowhere, 'x', options);
    }).toThrow('ENOENT');
  });
});

describe('a file in a folder that is no bus', () => {
  test('takes the place of what was there, private and whole, and leaves nothing else', () => {
    mkdirSync(join(place.repo, 'session/messages'), { recursive: true });
    const folder = join(place.repo, 'session');
    const elsewhere = join(place.repo, 'elsewhere');
    writeFileSync(elsewhere, 'mine');
    symlinkSync(elsewhere, join(folder, 'messages/a.json'));
    replaceWithin(folder, 'messages/a.json', 'first');
    replaceWithin(folder, 'messages/a.json', 'second');
    expect(readFileSync(join(folder, 'messages/a.json'), 'utf8')).toBe('second');
    expect(statSync(join(folder, 'messages/a.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['messages']);
  });

  test('that cannot take its place leaves nothing', () => {
    mkdirSync(join(place.repo, 'session/messages/a.json'), { recursive: true });
    const folder = join(place.repo, 'session');
    expect(() => {
      replaceWithin(folder, 'messages/a.json', 'text');
    }).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(['messages']);
  });
});
