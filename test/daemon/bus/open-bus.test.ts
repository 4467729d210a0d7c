import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BUS_FOLDERS } from '../../../bus-schema/layout.js';
import type { Result } from '../../../bus-schema/result.js';
import { formatDiagnostic, type Diagnostic } from '../../../bus-schema/diagnostic.js';
import { checkBus, createBus, findBus } from '../../../daemon/bus/open-bus.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => folder.remove());

function make(path: string): string {
  const made = join(folder.path, path);
  mkdirSync(made, { recursive: true });
  return made;
}

const told = (result: Result<void, Diagnostic>): string =>
  result.ok ? 'fine' : formatDiagnostic(result.error);

describe('the bus is', () => {
  test('the nearest one upwards, whatever repos lie between', () => {
    const bus = make('a/.message-bus');
    make('a/b/.git');
    expect(findBus(make('a/b/c'))).toEqual({ bus, repo: join(folder.path, 'a'), exists: true });
  });

  test('else beside the nearest .git, be it a folder or a file', () => {
    make('a/.git');
    writeFileSync(join(make('a/b'), '.git'), 'gitdir: elsewhere\n');
    const repo = join(folder.path, 'a/b');
    expect(findBus(make('a/b/c/d'))).toEqual({ bus: join(repo, '.message-bus'), repo, exists: false });
  });

  test('else right here', () => {
    const here = make('plain');
    expect(findBus(here)).toEqual({ bus: join(here, '.message-bus'), repo: here, exists: false });
  });

  test('the one that is named, from where the user stands', () => {
    make('a/.message-bus');
    const bus = join(folder.path, 'a/elsewhere/bus');
    expect(findBus(make('a/b'), '../elsewhere/bus')).toEqual({
      bus,
      repo: join(folder.path, 'a/elsewhere'),
      exists: false,
    });
    expect(findBus('/', bus).bus).toBe(bus);
  });

  test('a track’s own, whose commands run in the repo all the same', () => {
    const bus = make('a/conductor/tracks/lamp_20260412/.message-bus');
    const place = { bus, repo: join(folder.path, 'a'), exists: true };
    expect(findBus(make('a'), 'conductor/tracks/lamp_20260412/.message-bus')).toEqual(place);
    expect(findBus(make('a/conductor/tracks/lamp_20260412'))).toEqual(place);
    expect(findBus('/', '/conductor/tracks/lamp/.message-bus').repo).toBe('/');
    expect(findBus('/', '/a/conductor/lamp/.message-bus').repo).toBe('/a/conductor/lamp');
  });
});

describe('a bus may be used', () => {
  test('when it is ours, or not there yet', () => {
    expect(told(checkBus(join(folder.path, 'none')))).toBe('fine');
    const bus = make('bus');
    chmodSync(bus, 0o755);
    expect(told(checkBus(bus))).toBe('fine');
  });

  test.each([0o770, 0o702])('not with mode %o: others could give orders', mode => {
    const bus = make('bus');
    chmodSync(bus, mode);
    expect(told(checkBus(bus))).toBe(
      `${bus}: error: the bus cannot be used: other users may write to it, and could give orders. Close it with: chmod go-w ${bus}.`,
    );
  });

  test('not when it is a file, or a link', () => {
    writeFileSync(join(folder.path, 'file'), '');
    symlinkSync(make('bus'), join(folder.path, 'link'));
    expect(told(checkBus(join(folder.path, 'file')))).toContain('it is no folder');
    expect(told(checkBus(join(folder.path, 'link')))).toContain('it is no folder');
    expect(told(checkBus(join(folder.path, 'file/bus')))).toContain('ENOTDIR');
  });

  // Only root can give a folder away.
  (process.getuid?.() === 0 ? test : test.skip)('not when it belongs to someone else', () => {
    const bus = make('bus');
    chownSync(bus, 12345, 12345);
    expect(told(checkBus(bus))).toContain(
      'it belongs to user 12345, and you are user 0. Run signalbox as its owner',
    );
  });
});

describe('a bus is made', () => {
  test('whole, for its owner alone, and not seen by git', () => {
    const bus = join(folder.path, 'deep/er/.message-bus');
    expect(told(createBus(bus))).toBe('fine');
    for (const name of BUS_FOLDERS) expect(statSync(join(bus, name)).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(bus, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('again, it keeps what is there', () => {
    const bus = make('.message-bus');
    writeFileSync(join(bus, '.gitignore'), 'mine\n');
    expect(told(createBus(bus))).toBe('fine');
    expect(readFileSync(join(bus, '.gitignore'), 'utf8')).toBe('mine\n');
  });

  test('not where nothing can be written', () => {
    writeFileSync(join(folder.path, 'file'), '');
    const bus = join(folder.path, 'file/.message-bus');
    expect(told(createBus(bus))).toMatch(
      /it cannot be written to \((ENOTDIR|EEXIST)\)\. Make its folder writable, or name another bus with --bus\.$/,
    );
  });
});
