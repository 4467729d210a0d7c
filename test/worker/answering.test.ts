import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StartOrder } from '../../bus-schema/assignment.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { DROP_LIMIT_BYTES } from '../../bus-schema/store/read-file.js';
import { Rig } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig().start();
});
afterEach(() => rig.dispose());

async function outcomeOf(command: string, more: Partial<StartOrder>): Promise<Outcome> {
  return (await rig.told(rig.send('t1', command, more))).outcome;
}

/** A command that prints an object. */
const says = (answer: object): string => {
  writeFileSync(join(rig.root, 'answer.json'), `\nDone:\n${JSON.stringify(answer)}\nBye.\n`);
  return 'cat answer.json';
};

describe('a command that is to say what became of its task', () => {
  const DONE = { taskId: 't1', status: 'completed', summary: 'Added login', filesModified: [], errors: [] };

  test('is complete, with its summary', async () => {
    expect(await outcomeOf(says(DONE), { answer: 'result' })).toEqual({
      kind: 'complete',
      summary: 'Added login',
    });
    expect(await outcomeOf(says(DONE), {})).toEqual({ kind: 'complete' });
  });

  test('has failed although it ended well, and nothing is asked or made after that', async () => {
    const failed = says({ status: 'failed', error: 'no such table' });
    const more = { answer: 'result', accept: 'echo > asked', output: 'out.md' } as const;
    expect(await outcomeOf(failed, more)).toEqual({
      kind: 'failed',
      reason: 'reported',
      message: 'no such table',
    });
    for (const file of ['asked', 'out.md']) expect(existsSync(join(rig.root, file))).toBe(false);
  });

  test('has failed by its exit, whatever it said', async () => {
    expect(await outcomeOf(`${says(DONE)}; exit 3`, { answer: 'result' })).toMatchObject({
      kind: 'failed',
      reason: 'exit',
    });
  });

  test('is heard for itself, not for its accept command', async () => {
    const accept = `echo '{"status":"failed","error":"mine"}'`;
    expect(await outcomeOf(says(DONE), { answer: 'result', accept })).toMatchObject({
      summary: 'Added login',
    });
    expect(await outcomeOf(says(DONE), { answer: 'result', accept: 'false' })).toMatchObject({
      reason: 'not-accepted',
    });
  });

  test('is heard at the end of a long output', async () => {
    const noise = `head -c 3000000 /dev/zero | tr '\\0' '{'`;
    const order = { answer: 'result', logCapBytes: 8_000_000 } as const;
    expect(await outcomeOf(`${noise}; ${says(DONE)}`, order)).toMatchObject({ summary: 'Added login' });
  });

  test('is heard also when it had reported before', async () => {
    const order = rig.send('t1', `${says(DONE)}; echo > begun; sleep 30`, { answer: 'result' });
    await rig.written('begun');
    rig.stop(order, 'reported', 0, { kind: 'complete', commit: 'abc1234' });
    expect((await rig.told(order)).outcome).toEqual({
      kind: 'complete',
      commit: 'abc1234',
      summary: 'Added login',
    });
  });
});

describe('a command that reviews', () => {
  test('gives its verdict', async () => {
    const issues = [{ severity: 'HIGH', file: 'a.ts', line: 3, issue: 'Leaks', suggestion: 'Close it' }];
    expect(await outcomeOf(says({ status: 'needs_fixes', issues }), { answer: 'verdict' })).toEqual({
      kind: 'complete',
      verdict: {
        approved: false,
        summary: '',
        issues: [{ severity: 'high', location: 'a.ts:3', issue: 'Leaks', suggestion: 'Close it' }],
      },
    });
  });

  test('and gives none, has failed', async () => {
    expect(await outcomeOf('echo Looks good to me', { answer: 'verdict' })).toMatchObject({
      kind: 'failed',
      reason: 'no-verdict',
    });
  });

  test('may find more than there is room for in an event file', async () => {
    const issue = {
      severity: 'LOW',
      location: 'a.ts',
      issue: '€'.repeat(3000),
      suggestion: '€'.repeat(3000),
    };
    const command = says({ status: 'needs_fixes', issues: Array.from({ length: 40 }, () => issue) });
    const told = await rig.told(rig.send('t1', command, { answer: 'verdict' }));
    expect(told.outcome).toMatchObject({ kind: 'complete', verdict: { approved: false } });
    expect(Buffer.byteLength(JSON.stringify(told.payload))).toBeLessThan(DROP_LIMIT_BYTES / 2);
  });
});
