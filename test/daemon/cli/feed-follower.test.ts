import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FeedFollower } from '../../../daemon/cli/feed-follower.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let file: string;
let feed: FeedFollower;

beforeEach(() => {
  folder = freshFolder();
  file = join(folder.path, 'queue.jsonl');
  feed = new FeedFollower(file);
});
afterEach(() => {
  feed.close();
  folder.remove();
});

describe('a file that grows', () => {
  test('begins with the last lines and goes on with what comes', () => {
    writeFileSync(file, 'one\ntwo\nthree\n');
    expect(feed.last(2)).toEqual(['two', 'three']);
    expect(feed.next()).toEqual([]);
    appendFileSync(file, 'four\nfive\n');
    expect(feed.next()).toEqual(['four', 'five']);
  });

  test('a line is given out when it is whole, however it was cut', () => {
    writeFileSync(file, 'on');
    expect(feed.last(5)).toEqual([]);
    const rest = Buffer.from('e é');
    appendFileSync(file, rest.subarray(0, -1));
    expect(feed.next()).toEqual([]);
    appendFileSync(file, Buffer.concat([rest.subarray(-1), Buffer.from('\n')]));
    expect(feed.next()).toEqual(['one é']);
  });

  test('a file that comes later is read from its beginning', () => {
    expect(feed.last(5)).toEqual([]);
    writeFileSync(file, 'one\n');
    expect(feed.next()).toEqual(['one']);
  });

  test('one that is replaced is read to its end, then the new one', () => {
    writeFileSync(file, 'one\n');
    expect(feed.last(5)).toEqual(['one']);
    appendFileSync(file, 'two\n');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'three\n');
    expect(feed.next()).toEqual(['two', 'three']);
  });

  test('one that is cut is read anew', () => {
    writeFileSync(file, 'one\ntwo\n');
    expect(feed.last(5)).toEqual(['one', 'two']);
    truncateSync(file, 0);
    appendFileSync(file, 'new\n');
    expect(feed.next()).toEqual(['new']);
  });

  test('of a long file only the end is read, without the line that is cut there', () => {
    writeFileSync(file, `${'x'.repeat(99)}\n`.repeat(30_000));
    const lines = feed.last(20_000);
    expect(lines).toHaveLength(20_000);
    expect(new Set(lines)).toEqual(new Set(['x'.repeat(99)]));
  });
});
