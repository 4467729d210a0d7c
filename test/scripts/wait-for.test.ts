import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshBus } from '../fresh-folder.js';
import { runScript, SHELLS, startScript } from './shell.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => {
  place.remove();
});

describe.each(SHELLS.map(shell => [shell.join(' '), shell] as const))('wait-for.sh under %s', (_, shell) => {
  const waitFor = (...args: string[]): ReturnType<typeof runScript> =>
    runScript(shell, 'wait-for.sh', args, place.repo);
  const drop = (file: string, content: string): void => {
    writeFileSync(join(place.bus, 'events', file), content);
  };

  test('an event that is there is printed at once', async () => {
    drop('PARALLEL_COMPLETE_r1.event', 'PASS\n');
    expect(await waitFor('PARALLEL_COMPLETE', 'r1')).toEqual({ code: 0, stdout: 'PASS\n', stderr: '' });
    expect(await waitFor('PARALLEL_COMPLETE', 'r1', '0')).toMatchObject({ code: 0 });
  });

  test('an event that comes later ends the waiting', async () => {
    const waiting = startScript(shell, 'wait-for.sh', ['TASK_COMPLETE', '1.1', '20'], place.repo);
    // A second waiter that gives up first shows that the first one has been waiting by then.
    expect((await waitFor('TASK_COMPLETE', '1.1', '1')).code).toBe(1);
    expect(waiting.child.exitCode).toBeNull();
    drop('TASK_COMPLETE_1.1.event', 'abc1234');
    expect(await waiting.ended).toEqual({ code: 0, stdout: 'abc1234', stderr: '' });
  });

  test('one that does not come is a timeout, and another task is not it', async () => {
    drop('TASK_COMPLETE_1.11.event', '');
    const ended = await waitFor('TASK_COMPLETE', '1.1', '0');
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('TASK_COMPLETE_1.1.event'),
    });
  });

  test('PAUSE_REQUESTED has no id', async () => {
    drop('PAUSE_REQUESTED.event', '');
    expect((await waitFor('PAUSE_REQUESTED', '', '0')).code).toBe(0);
  });

  test('what is no regular file is a signal too, but is not read', async () => {
    mkdirSync(join(place.bus, 'events/TASK_COMPLETE_1.event'));
    expect(await waitFor('TASK_COMPLETE', '1', '0')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    [[]],
    [['TASK_COMPLETE']],
    [['TASK_COMPLETE', '']],
    [['TASK_COMPLETE', '../../x']],
    [['task', '1.1']],
    [['TASK_COMPLETE', '1.1', 'soon']],
    [['TASK_COMPLETE', '1.1', '-1']],
    [['TASK_COMPLETE', '1.1', '1', '2']],
  ])('%j is refused', async args => {
    const ended = await waitFor(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).not.toBe('');
  });

  test('without a bus it says so', async () => {
    expect(await runScript(shell, 'wait-for.sh', ['TASK_COMPLETE', '1', '0'], '/')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('signalbox init'),
    });
  });
});
