import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { answerSchema, type Answer, type Command } from '../../../bus-schema/command.js';
import { createFile } from '../../../bus-schema/store/write-file.js';
import { CommandBox } from '../../../daemon/bus/command-box.js';
import { Quarantine } from '../../../daemon/bus/quarantine.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

let place: ReturnType<typeof freshBus>;
let box: CommandBox;
beforeEach(() => {
  place = freshBus();
  box = new CommandBox(place.bus, new Quarantine(place.bus));
});
afterEach(async () => {
  await box.close();
  place.remove();
});

const file = (name: string): string => join(place.bus, 'commands', name);
const put = (name: string, body: unknown): void =>
  writeFileSync(file(name), typeof body === 'string' ? body : JSON.stringify(body));

function answer(id: string): Answer {
  return answerSchema.parse(JSON.parse(readFileSync(file(`done/${id}.json`), 'utf8')));
}

function reasons(): string {
  const folder = join(place.bus, 'quarantine');
  const names = readdirSync(folder).filter(name => name.endsWith('.reason'));
  return names.map(name => readFileSync(join(folder, name), 'utf8')).join('');
}

describe('requests', () => {
  test('come in the order of their names, and stay until they are answered', () => {
    put('b.json', { id: 'b', do: 'resume' });
    put('a.json', { id: 'a', do: 'pause', run: 'run-1' });
    put('a.plan', 'a plan that came by standard input');
    const commands: Command[] = [
      { id: 'a', do: 'pause', run: 'run-1' },
      { id: 'b', do: 'resume' },
    ];
    expect(box.collect()).toEqual(commands);
    expect(box.collect()).toEqual(commands);
    box.answer({ id: 'a', ok: true, message: 'paused' });
    expect(answer('a')).toEqual({ id: 'a', ok: true, message: 'paused' });
    expect(box.collect()).toEqual(commands.slice(1));
    box.answer({ id: 'a', ok: true, message: 'once more' });
    expect(existsSync(file('a.plan'))).toBe(true);
  });

  test.each([
    ['no JSON', '{"id":}', 'not valid JSON'],
    ['no command', { id: 'a', do: 'dance' }, 'do'],
    ['more than a command', { id: 'a', do: 'pause', sudo: true }, 'sudo'],
    ['nested beyond reason', `{"id":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'nested deeper'],
    ['of another name', { id: 'b', do: 'pause' }, 'its id is not its file name'],
    ['too large', { id: 'a', do: 'pause', run: 'x'.repeat(300_000) }, 'larger than'],
  ])('%s: answered with what is wrong, and put away', (_what, body, why) => {
    put('a.json', body);
    expect(box.collect()).toEqual([]);
    expect(answer('a')).toMatchObject({ id: 'a', ok: false, code: 2, message: expect.stringContaining(why) });
    expect(reasons()).toContain(why);
    expect(existsSync(file('a.json'))).toBe(false);
    expect(existsSync(file('done/b.json'))).toBe(false);
  });

  test.each([
    ['a symbolic link', () => symlinkSync(join(place.bus, 'real'), file('a.json')), 'symbolic link'],
    ['a folder', () => mkdirSync(file('a.json')), 'no regular file'],
  ])('%s is answered and put away, and not followed', (_what, make, why) => {
    writeFileSync(join(place.bus, 'real'), JSON.stringify({ id: 'a', do: 'pause' }));
    make();
    expect(box.collect()).toEqual([]);
    expect(answer('a')).toMatchObject({ ok: false, message: expect.stringContaining(why) });
    expect(reasons()).toContain(why);
    expect(readFileSync(join(place.bus, 'real'), 'utf8')).toContain('pause');
  });

  test('whose name is no id cannot be answered, only put away', () => {
    put('a b.json', { id: 'a b', do: 'pause' });
    expect(box.collect()).toEqual([]);
    expect(readdirSync(file('done'))).toEqual([]);
    expect(reasons()).toContain('commands/a b.json');
  });
});

describe('a watched box', () => {
  let seen: Command[];
  beforeEach(async () => {
    seen = [];
    await box.watch(() => seen.push(...box.collect()));
  });

  test('finds a request as it comes', async () => {
    createFile(place.bus, file('a.json'), JSON.stringify({ id: 'a', do: 'pause' }), { durable: false });
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ id: 'a', do: 'pause' });
  });

  test('finds a request whose writer was slow to remove its first name', async () => {
    const staged = join(place.bus, 'staging/slow');
    writeFileSync(staged, JSON.stringify({ id: 'a', do: 'pause' }));
    linkSync(staged, file('a.json'));
    expect(box.collect()).toEqual([]);
    unlinkSync(staged);
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ id: 'a', do: 'pause' });
  });

  test('finds a request that is written in place, when all of it is there', async () => {
    put('a.json', '{"id":"a",');
    expect(box.collect()).toEqual([]);
    put('a.json', '{"id":"a","do":"pause"}');
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ id: 'a', do: 'pause' });
  });

  test('has as much patience when the clock is set forward', async () => {
    put('a.json', '{"id":"a",');
    expect(box.collect()).toEqual([]);
    const hourLater = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    expect(box.collect()).toEqual([]);
    hourLater.mockRestore();
    expect(existsSync(file('done/a.json'))).toBe(false);
    put('a.json', '{"id":"a","do":"pause"}');
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ id: 'a', do: 'pause' });
  });

  test('answers one that never becomes whole', async () => {
    put('a.json', '{"id":"a",');
    await until(() => existsSync(file('done/a.json')));
    expect(answer('a')).toMatchObject({ ok: false, message: expect.stringContaining('not valid JSON') });
  });

  test('puts away what keeps two names', async () => {
    writeFileSync(join(place.repo, 'two'), JSON.stringify({ id: 'a', do: 'pause' }));
    linkSync(join(place.repo, 'two'), file('a.json'));
    await until(() => existsSync(file('done/a.json')));
    expect(answer('a').message).toContain('hard links');
    expect(existsSync(file('a.json'))).toBe(false);
  });
});
