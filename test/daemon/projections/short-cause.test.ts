import { expect, test } from '@jest/globals';
import { outcomeOfReason } from '../../../worker/outcome.js';
import { shortCause } from '../../../daemon/projections/short-cause.js';

test.each([
  [outcomeOfReason('timeout', 30_000), 'timeout'],
  [outcomeOfReason('stalled', 0), 'stalled'],
  [outcomeOfReason('conflict', 0), 'file locked'],
  [outcomeOfReason('deadlock', 0), 'deadlock'],
])('what a worker says when it ends an attempt: %j', (outcome, short) => {
  expect('message' in outcome ? shortCause(outcome.message) : undefined).toBe(short);
});

test.each([
  ['exit code 1', 'exit code 1'],
  ['exit code 127: sh: make: not found', 'exit code 127'],
  ['exit code 1: File locked by worker-2', 'file locked'],
  ['File locked by worker-2', 'file locked'],
  ['ended by SIGKILL (perhaps out of memory)', 'ended by SIGKILL'],
  ['its worker died', 'lost worker'],
  ['no worker could be had: flock is missing', 'no worker'],
  ['cannot be ended: process 77 outlived SIGKILL', 'cannot be ended'],
  ['its accept command said no: exit code 1', 'not accepted'],
  ['could not be started: spawn sh ENOENT', 'not started'],
  ['tests do not pass', 'tests do not pass'],
  ['first line\nsecond line', 'first line'],
  ['', 'failed'],
  [' \n', 'failed'],
])('%j is short for a cause', (message, short) => {
  expect(shortCause(message)).toBe(short);
});

test('what an agent says stays one line that no terminal obeys', () => {
  expect(shortCause(`\u001b[31mred${'!'.repeat(100)}`)).toBe(`\\x1b[31mred${'!'.repeat(48)}…`);
});
