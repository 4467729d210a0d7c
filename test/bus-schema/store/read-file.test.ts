import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DROP_LIMIT_BYTES, readDrop, readIfThere } from '../../../bus-schema/store/read-file.js';
import { compileInto } from '../../compiled.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

const uid = process.getuid?.() ?? 0;
const asRoot = uid === 0 ? test : test.skip;

let folder: FreshFolder;
let path: string;
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'TASK_COMPLETE_1.event');
});
afterEach(() => {
  folder.remove();
});

const refusal = (why: RegExp): unknown => ({
  ok: false,
  error: { kind: 'refused', why: expect.stringMatching(why) },
});

describe('readDrop', () => {
  test('a regular file of ours is read, with what tells it from another of its name', () => {
    writeFileSync(path, 'PASS é\n');
    const { ino, mtimeMs } = statSync(path);
    expect(readDrop(path, [uid])).toEqual({
      ok: true,
      value: { text: 'PASS é\n', inode: ino, mtimeMs, uid },
    });
  });

  test('an empty one is read as empty', () => {
    writeFileSync(path, '');
    expect(readDrop(path, [uid])).toMatchObject({ ok: true, value: { text: '' } });
  });

  test('one that is gone is no error', () => {
    expect(readDrop(path, [uid])).toEqual({ ok: false, error: { kind: 'vanished' } });
  });

  test('a link is not followed, wherever it leads', () => {
    writeFileSync(join(folder.path, 'secret'), 'secret');
    symlinkSync('secret', path);
    expect(readDrop(path, [uid])).toEqual(refusal(/symbolic link/));
  });

  test('a FIFO is refused without waiting for a writer', () => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect(readDrop(path, [uid])).toEqual(refusal(/no regular file/));
  });

  test('a folder is refused', () => {
    mkdirSync(path);
    expect(readDrop(path, [uid])).toEqual(refusal(/no regular file/));
  });

  test('a socket is refused', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(path, resolve));
    expect(readDrop(path, [uid])).toEqual(refusal(/ENXIO/));
    await new Promise(resolve => server.close(resolve));
  });

  test('a second name may be a writer at work; a third is none', () => {
    writeFileSync(path, 'x');
    linkSync(path, `${path}.staged`);
    expect(readDrop(path, [uid])).toEqual({ ok: false, error: { kind: 'unfinished' } });
    linkSync(path, `${path}.more`);
    expect(readDrop(path, [uid])).toEqual(refusal(/hard links/));
    unlinkSync(`${path}.staged`);
    unlinkSync(`${path}.more`);
    expect(readDrop(path, [uid]).ok).toBe(true);
  });

  test('the limit is taken, one byte more is not', () => {
    writeFileSync(path, 'x'.repeat(DROP_LIMIT_BYTES));
    expect(readDrop(path, [uid])).toMatchObject({ ok: true, value: { text: 'x'.repeat(DROP_LIMIT_BYTES) } });
    writeFileSync(path, 'x'.repeat(DROP_LIMIT_BYTES + 1));
    expect(readDrop(path, [uid])).toEqual(refusal(/larger than 262144 bytes/));
    expect(readDrop(path, [uid], 10)).toEqual(refusal(/larger than 10 bytes/));
  });

  asRoot("another user's file is refused, unless that user is allowed (as root only)", () => {
    writeFileSync(path, 'x');
    chownSync(path, 54_321, 54_321);
    expect(readDrop(path, [uid])).toEqual(refusal(/belongs to user 54321/));
    expect(readDrop(path, [uid, 54_321]).ok).toBe(true);
  });

  test('a file of ours is refused where only another user is allowed', () => {
    writeFileSync(path, 'x');
    expect(readDrop(path, [uid + 1])).toEqual(refusal(/belongs to user/));
  });
});

test('a machine that has no descriptor left says nothing about the file', () => {
  compileInto(folder.path, [
    'bus-schema/result.ts',
    'bus-schema/store/errors.ts',
    'bus-schema/store/read-file.ts',
  ]);
  writeFileSync(path, 'x');
  const script = join(folder.path, 'short.mjs');
  writeFileSync(
    script,
    `import { openSync } from 'node:fs';
     import { readDrop } from './bus-schema/store/read-file.js';
     console.log('started');
     try { for (;;) openSync('/dev/null', 'r'); } catch {}
     const read = readDrop(process.argv[2], [process.getuid()]);
     console.log(read.ok ? 'read' : read.error.kind);`,
  );
  const said = execFileSync('sh', ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, script, path], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(said).toBe('started\nhindered\n');
});

describe('readIfThere', () => {
  test('tells text from absence, and throws what is neither', () => {
    expect(readIfThere(path)).toBeUndefined();
    writeFileSync(path, 'x');
    expect(readIfThere(path)).toBe('x');
    expect(readIfThere(folder.path)).toBeUndefined();
    expect(() => readIfThere(join(path, 'below'))).toThrow('ENOTDIR');
  });
});
