import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJson } from '../../bus-schema/codec.js';
import { EVENT_TYPES } from '../../bus-schema/event-name.js';
import { messageSchema } from '../../bus-schema/message.js';
import { freshBus } from '../fresh-folder.js';
import { runScript, SHELLS } from './shell.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => {
  place.remove();
});

const TASK = {
  SIGNALBOX_TOKEN: '0123456789abcdef0123456789abcdef',
  SIGNALBOX_ATTEMPT_ID: 'r1.4.1',
  SIGNALBOX_RUN_ID: 'r1',
  SIGNALBOX_TASK_ID: '1.1',
  SIGNALBOX_WORKER_ID: 'worker-2',
};

describe.each(SHELLS.map(shell => [shell.join(' '), shell] as const))('emit.sh under %s', (_, shell) => {
  const emit = (
    args: string[],
    env: Record<string, string> = {},
    cwd = place.repo,
  ): ReturnType<typeof runScript> => runScript(shell, 'emit.sh', args, cwd, env);
  const events = (): string[] => readdirSync(join(place.bus, 'events'));
  const content = (file: string): string => readFileSync(join(place.bus, 'events', file), 'utf8');

  test('an event without a body is an empty private file, and nothing is left in staging', async () => {
    expect(await emit(['TASK_COMPLETE', '1.1'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(events()).toEqual(['TASK_COMPLETE_1.1.event']);
    expect(content('TASK_COMPLETE_1.1.event')).toBe('');
    const stat = statSync(join(place.bus, 'events/TASK_COMPLETE_1.1.event'));
    expect({ mode: stat.mode & 0o777, names: stat.nlink }).toEqual({ mode: 0o600, names: 1 });
    expect(readdirSync(join(place.bus, 'staging'))).toEqual([]);
  });

  test('a body is written as it is', async () => {
    const body = 'could not read "a\\nb" %s $HOME';
    expect((await emit(['TASK_FAILED', '1.1', body], TASK)).code).toBe(0);
    expect(content('TASK_FAILED_1.1.event')).toBe(`${body}\n`);
  });

  test('inside a task it carries the message that names the attempt', async () => {
    expect((await emit(['TASK_COMPLETE', '1.1'], TASK)).code).toBe(0);
    const decoded = decodeJson(content('TASK_COMPLETE_1.1.event'), messageSchema);
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        type: 'TASK_COMPLETE',
        source: 'worker-2',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        payload: { task_id: '1.1', run_id: 'r1', attempt_id: 'r1.4.1', token: TASK.SIGNALBOX_TOKEN },
      },
    });
  });

  test("another task's event does not carry this attempt's token", async () => {
    expect((await emit(['TASK_COMPLETE', '1.2'], TASK)).code).toBe(0);
    expect(content('TASK_COMPLETE_1.2.event')).toBe('');
  });

  test('an environment that would break the message is refused', async () => {
    const ended = await emit(['TASK_COMPLETE', '1.1'], { ...TASK, SIGNALBOX_RUN_ID: 'r","x":"' });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('SIGNALBOX_RUN_ID') });
    expect(events()).toEqual([]);
  });

  test('a name that is taken is left as it was', async () => {
    await emit(['TASK_COMPLETE', '1.1', 'first']);
    const ended = await emit(['TASK_COMPLETE', '1.1', 'second']);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
    expect(content('TASK_COMPLETE_1.1.event')).toBe('first\n');
    expect(readdirSync(join(place.bus, 'staging'))).toEqual([]);
  });

  test('of many at once exactly one makes the event, whole', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => emit(['TASK_COMPLETE', '1.1', `number ${index}`])),
    );
    expect(all.map(ended => ended.code).sort()).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
    const winner = all.findIndex(ended => ended.code === 0);
    expect(content('TASK_COMPLETE_1.1.event')).toBe(`number ${winner}\n`);
  });

  test('a folder or a dangling link of that name counts as taken', async () => {
    mkdirSync(join(place.bus, 'events/TASK_COMPLETE_1.1.event'));
    symlinkSync('nowhere', join(place.bus, 'events/TASK_COMPLETE_1.2.event'));
    expect((await emit(['TASK_COMPLETE', '1.1'])).code).toBe(1);
    expect((await emit(['TASK_COMPLETE', '1.2'])).code).toBe(1);
    expect(readdirSync(join(place.bus, 'events/TASK_COMPLETE_1.1.event'))).toEqual([]);
  });

  test.each([
    [[]],
    [['TASK_DONE', '1.1']],
    [['TASK_COMPLETE']],
    [['TASK_COMPLETE', '']],
    [['TASK_COMPLETE', '../x']],
    [['TASK_COMPLETE', '-x']],
    [['TASK_COMPLETE', 'a b']],
    [['TASK_COMPLETE', 'a\nb']],
    [['TASK_COMPLETE', 'a@b']],
    [['TASK_COMPLETE', 'é']],
    [['TASK_COMPLETE', 'x'.repeat(201)]],
    [['PAUSE_REQUESTED', 'x']],
    [['TASK_COMPLETE', '1.1', 'body', 'more']],
  ])('%j is refused', async args => {
    const ended = await emit(args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).not.toBe('');
    expect(events()).toEqual([]);
  });

  test('every type that the bus knows is taken', async () => {
    for (const type of EVENT_TYPES) expect(await emit([type, 'x'])).toMatchObject({ code: 0 });
    expect(await emit(['PAUSE_REQUESTED'])).toMatchObject({ code: 0 });
    expect(events()).toHaveLength(EVENT_TYPES.length + 1);
    expect(events()).toContain('PAUSE_REQUESTED.event');
  });

  test('the bus is the one named, else the nearest upwards', async () => {
    const deep = join(place.repo, 'a dir/b');
    mkdirSync(deep, { recursive: true });
    expect((await emit(['TASK_COMPLETE', '1'], {}, deep)).code).toBe(0);
    expect((await emit(['TASK_COMPLETE', '2'], { SIGNALBOX_BUS: place.bus }, '/')).code).toBe(0);
    expect(events().sort()).toEqual(['TASK_COMPLETE_1.event', 'TASK_COMPLETE_2.event']);
    rmSync(place.bus, { recursive: true });
    expect(await emit(['TASK_COMPLETE', '3'], {}, deep)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('signalbox init'),
    });
  });

  test('what cannot be written is said, and is not called taken', async () => {
    rmSync(join(place.bus, 'staging'), { recursive: true });
    writeFileSync(join(place.bus, 'staging'), '');
    expect((await emit(['TASK_COMPLETE', '1'])).code).toBe(2);
    expect(events()).toEqual([]);
  });
});
