import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FeedFile } from '../../../daemon/bus/feed-file.js';
import { freshBus } from '../../fresh-folder.js';

let place: ReturnType<typeof freshBus>;
let path: string;
let feed: FeedFile;
beforeEach(() => {
  place = freshBus();
  path = join(place.bus, 'queue.jsonl');
  feed = new FeedFile(place.bus);
});
afterEach(() => {
  feed.close();
  place.remove();
});

const text = (): string => readFileSync(path, 'utf8');
const lines = (): string[] => feed.lastLines().map(line => line.text);

describe('the feed', () => {
  test('has a line for each message, behind whatever others wrote', () => {
    appendFileSync(path, '{"id":"foreign"}\n');
    feed.append([{ id: 1, text: 'a\nb' }, { id: 2 }]);
    feed.append([]);
    expect(text()).toBe('{"id":"foreign"}\n{"id":1,"text":"a\\nb"}\n{"id":2}\n');
  });

  test('new, it has no lines', () => {
    expect(lines()).toEqual([]);
    expect(text()).toBe('');
  });

  test('ended within a line, it gets the line’s end, once', () => {
    writeFileSync(path, '{"id":1}\n{"id":');
    expect(lines()).toEqual(['{"id":1}', '{"id":']);
    expect(lines()).toEqual(['{"id":1}', '{"id":']);
    feed.append([{ id: 2 }]);
    expect(text()).toBe('{"id":1}\n{"id":\n{"id":2}\n');
  });

  test('while another writer is within a line, ours begins on its own', () => {
    feed.append([{ id: 1 }]);
    appendFileSync(path, 'x'.repeat(1024 ** 2));
    feed.append([{ id: 2 }]);
    appendFileSync(path, '\n');
    feed.append([{ id: 3 }]);
    expect(
      text()
        .split('\n')
        .filter(line => line.startsWith('{')),
    ).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  });

  test.each([
    ['plain letters', 'x'],
    ['letters of several bytes', 'é'],
  ])('long, with %s, it gives the last lines, each whole', (_what, letter) => {
    const line = (id: number): string => JSON.stringify({ id, text: letter.repeat(40_000) });
    writeFileSync(path, Array.from({ length: 60 }, (_, id) => `${line(id)}\n`).join(''));
    const found = lines();
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(30);
    expect(found).toEqual(found.map((_, index) => line(60 - found.length + index)));
  });

  test('gives the lines that others add, whole ones only, and none twice', () => {
    feed.append([{ id: 1 }]);
    expect(feed.hasMore).toBe(false);
    appendFileSync(path, '{"id":"foreign"}\n{"id":"half');
    expect(feed.hasMore).toBe(true);
    expect(feed.lines()).toEqual(['{"id":"foreign"}']);
    appendFileSync(path, '"}\n');
    expect(feed.lines()).toEqual(['{"id":"half"}']);
    expect(feed.lines()).toEqual([]);
  });

  test('gives ours with them, where they stand between', () => {
    appendFileSync(path, '{"id":"foreign"}\n');
    feed.append([{ id: 2 }]);
    appendFileSync(path, '{"id":"later"}\n');
    expect(feed.lines()).toEqual(['{"id":"foreign"}', '{"id":2}', '{"id":"later"}']);
  });

  test('begins where it is told to', () => {
    writeFileSync(path, '{"id":1}\n{"id":2}\n');
    feed.readFrom(feed.lastLines()[0]?.end ?? 0);
    expect(feed.lines()).toEqual(['{"id":2}']);
  });
});
