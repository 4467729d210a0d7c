import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { RunId } from '../../../bus-schema/ids.js';
import { createFile } from '../../../bus-schema/store/write-file.js';
import { DropBox } from '../../../daemon/bus/drop-box.js';
import type { EventDrop } from '../../../daemon/bus/drop-source.js';
import { Quarantine } from '../../../daemon/bus/quarantine.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

const RUN = 'run-1' as RunId;

let place: ReturnType<typeof freshBus>;
let box: DropBox;
let hints: number;
beforeEach(() => {
  place = freshBus();
  hints = 0;
  box = new DropBox(place.bus, new Quarantine(place.bus), () => {
    hints++;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  box.close();
  place.remove();
});

const event = (name: string): string => join(place.bus, 'events', name);
const inEvents = (): string[] => readdirSync(join(place.bus, 'events')).sort();
const inRun = (): string[] => readdirSync(join(place.bus, 'runs', RUN, 'events')).sort();
const put = (name: string, body = 'text'): void => writeFileSync(event(name), body);

function look(): EventDrop[] {
  box.scan();
  return box.collect();
}

function nextDrops(): Promise<EventDrop[]> {
  return until(() => {
    const found = box.collect();
    return found.length > 0 && found;
  });
}

const files = (drops: readonly EventDrop[]): string[] => drops.map(({ file }) => file);

/** What the quarantine holds, and why. */
function quarantined(): { names: string[]; reasons: string } {
  const folder = join(place.bus, 'quarantine');
  const all = readdirSync(folder).sort();
  return {
    names: all.filter(name => !name.endsWith('.reason')).map(name => name.slice('000000001-'.length)),
    reasons: all
      .filter(name => name.endsWith('.reason'))
      .map(name => readFileSync(join(folder, name), 'utf8'))
      .join(''),
  };
}

const ownWord = (task: string): string =>
  JSON.stringify({
    payload: { run_id: RUN, token: 'a'.repeat(32), outcome: { kind: 'complete' } },
    id: task,
  });

describe('a drop is found', () => {
  test('by a hint, once, when a writer links it into sight', async () => {
    expect(box.watch()).toBeUndefined();
    createFile(place.bus, event('TASK_COMPLETE_1.1.event'), 'PASS', { durable: false });
    const drops = await nextDrops();
    expect(hints).toBeGreaterThan(0);
    expect(drops).toMatchObject([
      { file: 'TASK_COMPLETE_1.1.event', text: 'PASS', name: { type: 'TASK_COMPLETE', id: '1.1' } },
    ]);
    box.keep('TASK_COMPLETE_1.1.event', RUN);
    expect(look()).toEqual([]);
  });

  test('by a look, where no hint told of it', () => {
    expect(look()).toEqual([]);
    put('PROGRESS_1.1.event', '{"payload":{"progress_pct":40}}');
    expect(look()).toMatchObject([{ file: 'PROGRESS_1.1.event', progress: 40 }]);
    expect(hints).toBe(0);
  });

  test('all 5,000 of them, some hundred at a time, each time with a hint that there are more', async () => {
    for (let number = 0; number < 5_000; number++) put(`PROGRESS_${number}.event`);
    const found: string[] = [];
    box.scan();
    while (found.length < 5_000) {
      const before = hints;
      const some = files(box.collect());
      expect(some.length).toBeLessThanOrEqual(200);
      found.push(...some);
      if (found.length < 5_000) await until(() => hints > before, 10_000, 'a hint');
    }
    expect(new Set(found).size).toBe(5_000);
    expect(box.collect()).toEqual([]);
  });

  test('at once, however many others came before, when an open attempt would tell of its end by it', () => {
    const awaiting = new DropBox(
      place.bus,
      new Quarantine(place.bus),
      () => undefined,
      () => ['TASK_COMPLETE_me.event', 'TASK_FAILED_me.event'],
    );
    for (let number = 0; number < 20_500; number++) put(`PROGRESS_${number}.event`, '');
    awaiting.scan();
    put('TASK_COMPLETE_me.event');
    expect(files(awaiting.collect())).toContain('TASK_COMPLETE_me.event');
    awaiting.close();
  });

  test('not, when it vanishes before it is read', () => {
    put('TASK_COMPLETE_1.1.event');
    box.scan();
    unlinkSync(event('TASK_COMPLETE_1.1.event'));
    expect(box.collect()).toEqual([]);
    expect(quarantined().names).toEqual([]);
  });

  test('not, without hints: a folder that cannot be watched says why', () => {
    const nowhere = new DropBox(join(place.repo, 'none'), new Quarantine(place.bus), () => undefined);
    expect(nowhere.watch()).toBe('ENOENT');
  });
});

describe('what is no drop goes to quarantine with a reason', () => {
  const target = (): string => join(place.repo, 'secret');
  const cases: readonly (readonly [string, string, () => void, string])[] = [
    [
      'a symbolic link',
      'TASK_COMPLETE_1.event',
      () => symlinkSync(target(), event('TASK_COMPLETE_1.event')),
      'symbolic link',
    ],
    ['a folder', 'TASK_COMPLETE_1.event', () => mkdirSync(event('TASK_COMPLETE_1.event')), 'no regular file'],
    [
      'a file with three names',
      'TASK_COMPLETE_1.event',
      () => {
        put('TASK_COMPLETE_1.event');
        linkSync(event('TASK_COMPLETE_1.event'), join(place.repo, 'two'));
        linkSync(event('TASK_COMPLETE_1.event'), join(place.repo, 'three'));
      },
      'hard links',
    ],
    [
      'a file that is too large',
      'TASK_COMPLETE_1.event',
      () => put('TASK_COMPLETE_1.event', 'x'.repeat(256 * 1024 + 1)),
      'larger than 262144 bytes',
    ],
    ['a foreign name', 'notes.txt', () => put('notes.txt'), 'TYPE_id.event is wanted'],
    [
      'a name that would leave the folder',
      'TASK_COMPLETE_..event',
      () => put('TASK_COMPLETE_..event'),
      'TYPE_id.event is wanted',
    ],
  ];

  test.each(cases)('%s', (_what, name, make, reason) => {
    writeFileSync(target(), 'secret');
    make();
    expect(look()).toEqual([]);
    expect(quarantined().names).toEqual([name]);
    expect(quarantined().reasons).toContain(reason);
    expect(inEvents()).toEqual([]);
    expect(readFileSync(target(), 'utf8')).toBe('secret');
  });

  test('a FIFO, without waiting for its writer', async () => {
    execFileSync('mkfifo', [event('TASK_COMPLETE_1.event')]);
    // Were it opened for a plain read, this writer would end the wait, late.
    const writer = spawn('sh', ['-c', 'sleep 25; : > "$0"', event('TASK_COMPLETE_1.event')], {
      stdio: 'ignore',
    });
    const since = performance.now();
    expect(look()).toEqual([]);
    expect(performance.now() - since).toBeLessThan(20_000);
    writer.kill('SIGKILL');
    await once(writer, 'close');
    expect(quarantined()).toEqual({
      names: ['TASK_COMPLETE_1.event'],
      reasons: expect.stringContaining('no regular file'),
    });
  });

  test('a socket', async () => {
    const server = createServer();
    // Made elsewhere and moved: a path of a socket must be short.
    server.listen(join(place.repo, 's'));
    await once(server, 'listening');
    renameSync(join(place.repo, 's'), event('TASK_COMPLETE_1.event'));
    expect(look()).toEqual([]);
    expect(quarantined().names).toEqual(['TASK_COMPLETE_1.event']);
    server.close();
    await once(server, 'close');
  });

  test('a file whose second name stays, after some patience', async () => {
    put('TASK_COMPLETE_1.event');
    linkSync(event('TASK_COMPLETE_1.event'), join(place.repo, 'two'));
    expect(look()).toEqual([]);
    expect(quarantined().names).toEqual([]);
    await until(() => {
      expect(box.collect()).toEqual([]);
      return quarantined().names.length > 0;
    });
    expect(quarantined().reasons).toContain('hard links');
  });

  test('what cannot be moved there stays, and is looked at once', () => {
    box.close();
    const quarantine = new Quarantine(place.bus);
    const looks = new DropBox(place.bus, quarantine, () => undefined);
    mkdirSync(join(place.bus, 'quarantine/000000001-junk'));
    put('junk');
    for (let round = 0; round < 3; round++) {
      looks.scan();
      expect(looks.collect()).toEqual([]);
    }
    expect(inEvents()).toEqual(['junk']);
    expect(quarantine.count).toBe(0);
    put('more-junk');
    looks.scan();
    looks.collect();
    expect(inEvents()).toEqual(['junk']);
    expect(quarantined().names).toEqual(['junk', 'more-junk']);
  });
});

describe('a message that is not all there', () => {
  const whole = '{"payload":{"commit_sha":"abc1234"}}';

  test('waits for its rest', async () => {
    put('TASK_COMPLETE_1.event', whole.slice(0, 20));
    expect(look()).toEqual([]);
    appendFileSync(event('TASK_COMPLETE_1.event'), whole.slice(20));
    expect(await nextDrops()).toMatchObject([{ text: 'abc1234' }]);
  });

  test('is taken as the text that it is when nothing more comes', async () => {
    put('TASK_COMPLETE_1.event', whole.slice(0, 20));
    box.scan();
    const [drop] = await nextDrops();
    expect(drop).toMatchObject({ file: 'TASK_COMPLETE_1.event', text: whole.slice(0, 20) });
  });

  test('an empty file may be one that is being filled', async () => {
    put('TASK_COMPLETE_1.event', '');
    expect(look()).toEqual([]);
    put('TASK_COMPLETE_1.event', 'PASS');
    expect(await nextDrops()).toMatchObject([{ text: 'PASS' }]);
  });

  test('an empty file that stays empty is a drop', async () => {
    put('TASK_COMPLETE_1.event', '');
    box.scan();
    const drops = await nextDrops();
    expect(drops).toMatchObject([{ text: '' }]);
  });

  test('a clock that is set forward takes nothing of that patience', async () => {
    put('TASK_COMPLETE_1.event', '{"payload":');
    expect(look()).toEqual([]);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    await until(() => hints > 0);
    expect(box.collect()).toEqual([]);
  });
});

test('a closed box gives no more hints', async () => {
  put('TASK_COMPLETE_1.event', '{"payload":');
  expect(look()).toEqual([]);
  box.close();
  const other = new DropBox(place.bus, new Quarantine(place.bus), () => undefined);
  // As long as another box has patience with the same file, this one would have had it too.
  await until(() => {
    other.scan();
    return other.collect().length > 0;
  });
  expect(hints).toBe(0);
});

describe('order', () => {
  test('what an agent said comes before its worker’s word of the end, whichever was found first', () => {
    put('TASK_COMPLETE_1.event', ownWord('1'));
    put('TASK_FAILED_1.event', 'no good');
    put('PROGRESS_2.event');
    expect(files(look()).at(-1)).toBe('TASK_COMPLETE_1.event');
  });

  test('even when only the worker’s was found', () => {
    put('TASK_COMPLETE_1@run-1.0.1.event', ownWord('1'));
    box.scan();
    put('TASK_FAILED_1.event', 'no good');
    expect(files(box.collect())).toEqual(['TASK_FAILED_1.event', 'TASK_COMPLETE_1@run-1.0.1.event']);
  });

  test('a drop found twice in one look is told once', () => {
    put('TASK_COMPLETE_1@run-1.0.1.event', ownWord('1'));
    put('TASK_COMPLETE_1.event', 'PASS');
    put('TASK_FAILED_1.event', 'no good');
    expect(files(look()).sort()).toEqual([
      'TASK_COMPLETE_1.event',
      'TASK_COMPLETE_1@run-1.0.1.event',
      'TASK_FAILED_1.event',
    ]);
  });
});

describe('where a drop ends', () => {
  test('consumed, its name is free for the next', () => {
    put('PAUSE_REQUESTED.event');
    look();
    box.consume('PAUSE_REQUESTED.event');
    box.consume('PAUSE_REQUESTED.event');
    expect(inEvents()).toEqual([]);
    put('PAUSE_REQUESTED.event');
    expect(files(look())).toEqual(['PAUSE_REQUESTED.event']);
  });

  test('rejected, it is in quarantine', () => {
    put('TASK_COMPLETE_1.event');
    look();
    box.reject('TASK_COMPLETE_1.event', 'nobody asked');
    expect(inEvents()).toEqual([]);
    expect(quarantined().reasons).toContain('events/TASK_COMPLETE_1.event: nobody asked');
  });

  test('stowed, all of a run’s events are with the run, and no others', () => {
    for (const name of ['TASK_COMPLETE_1.event', 'TASK_COMPLETE_2.event', 'TASK_COMPLETE_3.event']) put(name);
    box.keep('TASK_COMPLETE_1.event', RUN);
    box.keep('TASK_COMPLETE_2.event', 'run-2' as RunId);
    box.signal('PARALLEL_COMPLETE', RUN, 'PASS\n', RUN);
    box.stow(RUN);
    expect(inEvents()).toEqual(['TASK_COMPLETE_2.event', 'TASK_COMPLETE_3.event']);
    expect(inRun()).toEqual(['PARALLEL_COMPLETE_run-1.event', 'TASK_COMPLETE_1.event']);
  });

  test('stowed for one task, only that task’s outcomes go', () => {
    const going = ['TASK_COMPLETE_1.event', 'TASK_FAILED_1@run-1.0.1.event', 'TASK_FAILED_task-1.event'];
    const staying = ['DEP_READY_1.event', 'TASK_FAILED_11.event'];
    for (const name of [...going, ...staying]) {
      put(name);
      box.keep(name, RUN);
    }
    box.stow(RUN, '1');
    expect(inEvents()).toEqual(staying.sort());
    expect(inRun()).toEqual(going.sort());
  });

  test('stowed again under the same name, none is lost', () => {
    for (const body of ['first', 'second', 'third', 'fourth']) {
      put('TASK_FAILED_1.event', body);
      box.stowFile('TASK_FAILED_1.event', RUN);
    }
    const bodies = inRun().map(name => readFileSync(join(place.bus, 'runs', RUN, 'events', name), 'utf8'));
    expect(bodies.sort()).toEqual(['first', 'fourth', 'second', 'third']);
    box.stowFile('TASK_FAILED_1.event', RUN);
    expect(inRun()).toHaveLength(4);
  });

  test('a signal takes the place of what has its name, and is no drop', () => {
    box.signal('DEP_READY', '2', '', RUN);
    put('DEP_READY_3.event', 'of someone else');
    box.signal('DEP_READY', '3', '', RUN);
    expect(readFileSync(event('DEP_READY_3.event'), 'utf8')).toBe('');
    expect(existsSync(event('DEP_READY_2.event'))).toBe(true);
    expect(look()).toEqual([]);
  });
});
