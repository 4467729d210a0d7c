import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ViewFiles, type View } from '../../../daemon/bus/view-files.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

let place: ReturnType<typeof freshBus>;
let views: ViewFiles;
let errors: unknown[];
beforeEach(() => {
  place = freshBus();
  errors = [];
});
afterEach(async () => {
  await views.close();
  place.remove();
});

function show(...shown: readonly View[]): ViewFiles {
  views = new ViewFiles(place.bus, shown, error => errors.push(error));
  return views;
}

const path = (file: string): string => join(place.bus, file);

describe('views', () => {
  test('are written a few times, however often something changes', async () => {
    let asked = 0;
    show({ file: 'progress.txt', shared: false, text: () => `${++asked}\n` });
    for (let touch = 0; touch < 100; touch++) views.touch();
    await until(() => asked > 0);
    expect(asked).toBe(1);
    for (let touch = 0; touch < 100; touch++) views.touch();
    await until(() => asked > 1);
    expect(asked).toBe(2);
    await views.flush();
    expect(readFileSync(path('progress.txt'), 'utf8')).toBe('3\n');
  });

  test('that say the same are not written anew', async () => {
    show({ file: 'progress.txt', shared: false, text: () => 'same\n' });
    await views.flush();
    const { ino } = statSync(path('progress.txt'));
    await views.flush();
    expect(statSync(path('progress.txt')).ino).toBe(ino);
  });

  test('are whole at every instant', async () => {
    let version = 0;
    const text = (): string => JSON.stringify({ version: ++version, filling: 'x'.repeat(20_000) });
    show({ file: 'locks.json', shared: true, text });
    await views.flush();
    let going = true;
    const writing = (async () => {
      for (let round = 0; round < 40; round++) await views.flush();
      going = false;
    })();
    let seen = 0;
    for (let last = 0; going; seen++) {
      const found = (JSON.parse(readFileSync(path('locks.json'), 'utf8')) as { version: number }).version;
      expect(found).toBeGreaterThanOrEqual(last);
      last = found;
      await new Promise(resolve => setImmediate(resolve));
    }
    await writing;
    expect(seen).toBeGreaterThan(40);
    expect(errors).toEqual([]);
  });

  test('one that cannot be written is told of, and the others are written', async () => {
    mkdirSync(path('locks.json/in-the-way'), { recursive: true });
    show(
      { file: 'locks.json', shared: true, text: () => '{}' },
      { file: 'progress.txt', shared: false, text: () => 'all is well\n' },
    );
    await views.flush();
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).toContain('locks.json');
    expect(readFileSync(path('progress.txt'), 'utf8')).toBe('all is well\n');
    rmSync(path('locks.json'), { recursive: true });
    await views.flush();
    expect(readFileSync(path('locks.json'), 'utf8')).toBe('{}');
  });

  test('are written a last time when they are closed', async () => {
    let text = 'before';
    show({ file: 'progress.txt', shared: false, text: () => text });
    await views.flush();
    text = 'after';
    views.touch();
    await views.close();
    expect(readFileSync(path('progress.txt'), 'utf8')).toBe('after');
  });

  test('that others rewrite are heard, once, and come back as they were', async () => {
    const heard: string[] = [];
    show({ file: 'locks.json', shared: true, text: () => 'ours\n', onEdit: text => heard.push(text) });
    await views.flush();
    views.look();
    expect(heard).toEqual([]);
    writeFileSync(path('locks.json'), 'theirs, in place\n');
    views.look();
    await views.flush();
    expect(readFileSync(path('locks.json'), 'utf8')).toBe('ours\n');
    writeFileSync(path('new'), 'theirs, renamed\n');
    renameSync(path('new'), path('locks.json'));
    await views.flush();
    views.look();
    await views.flush();
    expect(heard).toEqual(['theirs, in place\n', 'theirs, renamed\n']);
    expect(readFileSync(path('locks.json'), 'utf8')).toBe('ours\n');
  });

  test('that others removed come back', async () => {
    show({ file: 'locks.json', shared: true, text: () => 'ours\n' });
    await views.flush();
    rmSync(path('locks.json'));
    views.look();
    await views.flush();
    expect(readFileSync(path('locks.json'), 'utf8')).toBe('ours\n');
  });

  test('in whose place a FIFO was put do not hang us', async () => {
    const heard: string[] = [];
    show({ file: 'locks.json', shared: true, text: () => 'ours\n', onEdit: text => heard.push(text) });
    await views.flush();
    rmSync(path('locks.json'));
    execFileSync('mkfifo', [path('locks.json')]);
    views.look();
    await views.flush();
    expect(heard).toEqual([]);
    expect(readFileSync(path('locks.json'), 'utf8')).toBe('ours\n');
  });
});
