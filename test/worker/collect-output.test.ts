import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartOrder } from '../../bus-schema/assignment.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { Rig } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig().start();
});
afterEach(() => rig.dispose());

const at = (path: string): string => join(rig.root, path);
const content = (path: string): string | undefined =>
  existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined;

async function outcomeOf(command: string, more: Partial<StartOrder>): Promise<Outcome> {
  return (await rig.told(rig.send('t1', command, more))).outcome;
}

describe('an output that the task has not written', () => {
  test('gets what the command printed, as a file like any other', async () => {
    expect(await outcomeOf('echo found; echo aside >&2', { output: 'out/deep/a.md' })).toEqual({
      kind: 'complete',
    });
    expect(content('out/deep/a.md')).toBe('found\naside\n');
    writeFileSync(at('usual'), '');
    expect(statSync(at('out/deep/a.md')).mode).toBe(statSync(at('usual')).mode);
    expect(readdirSync(at('out/deep'))).toEqual(['a.md']);
  });

  test('of a folder, it is a file in it by the name of the task', async () => {
    await outcomeOf('echo found', { output: 'api/' });
    expect(content('api/t1.md')).toBe('found\n');
    expect(readdirSync(at('api'))).toEqual(['t1.md']);
  });

  test('a folder that was there already is one without its slash too', async () => {
    mkdirSync(at('docs'));
    await outcomeOf('echo found', { output: 'docs' });
    expect(content('docs/t1.md')).toBe('found\n');
  });

  test('comes only when the accept command agrees, and without what that printed', async () => {
    await outcomeOf('echo found', { output: 'a.md', accept: 'echo looking' });
    expect(content('a.md')).toBe('found\n');
    expect(await outcomeOf('echo found', { output: 'b.md', accept: 'false' })).toMatchObject({
      kind: 'failed',
      reason: 'not-accepted',
    });
    expect(content('b.md')).toBeUndefined();
  });

  test('is not made up for a command that failed', async () => {
    await outcomeOf('echo half; exit 1', { output: 'a.md' });
    expect(content('a.md')).toBeUndefined();
  });

  test('may be anywhere by an absolute path, and nowhere outside by another', async () => {
    mkdirSync(at('repo'));
    await outcomeOf('echo found', { cwd: at('repo'), output: at('elsewhere/a.md') });
    expect(content('elsewhere/a.md')).toBe('found\n');
    await outcomeOf('echo found', { cwd: at('repo'), output: '../b.md' });
    expect(content('b.md')).toBeUndefined();
  });
});

describe('an output that is there', () => {
  test('is the task’s own work, and stays as it is', async () => {
    expect(await outcomeOf('echo mine > a.md; echo chatter', { output: 'a.md' })).toEqual({
      kind: 'complete',
    });
    expect(content('a.md')).toBe('mine\n');
    await outcomeOf('echo mine > api/x; echo chatter', { output: 'api/' });
    expect(readdirSync(at('api'))).toEqual(['x']);
  });

  test('from before is kept, and the outcome says so', async () => {
    writeFileSync(at('a.md'), 'old\n');
    expect(await outcomeOf('echo new', { output: 'a.md' })).toEqual({
      kind: 'complete',
      warning: 'a.md was there before and is left as it was; what was printed is in the log',
    });
    expect(content('a.md')).toBe('old\n');
  });

  test('from before, and written again with the same text, is the task’s own', async () => {
    writeFileSync(at('a.md'), 'same\n');
    expect(await outcomeOf('echo same > a.md; echo chatter', { output: 'a.md' })).toEqual({
      kind: 'complete',
    });
  });
});

test('an output that cannot be written fails the attempt, and says why', async () => {
  const outcome = await outcomeOf('rmdir out && echo blocked > out; echo found', { output: 'out/a.md' });
  expect(outcome).toMatchObject({
    kind: 'failed',
    reason: 'no-output',
    message: expect.stringMatching(/^its output cannot be put into out\/a\.md: /),
  });
  expect(content('out')).toBe('blocked\n');
});

test('what was reported complete by the command itself has its output collected too', async () => {
  const order = rig.send('t1', 'echo found; echo > begun; sleep 30', { output: 'a.md' });
  await rig.written('begun');
  rig.stop(order, 'reported', 0, { kind: 'complete' });
  expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
  expect(content('a.md')).toBe('found\n');
});
