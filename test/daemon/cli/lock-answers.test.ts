import { expect, test } from '@jest/globals';
import type { Message } from '../../../bus-schema/message.js';
import { LockAnswers } from '../../../daemon/cli/locks/lock-answers.js';

const said = (type: string, payload: object, source = 'signalbox'): Message => ({
  id: '1.0',
  type,
  source,
  timestamp: '',
  payload: { attempt_id: 'run.0.1', ...payload },
});

test('a request is granted when each of its paths is given to its own attempt, by the daemon', () => {
  const answers = new LockAnswers('run.0.1', ['a', 'b']);
  answers.hear(said('FILE_LOCK', { filepath: 'a' }));
  answers.hear(said('FILE_LOCK', { filepath: 'b', attempt_id: 'run.1.1' }));
  answers.hear(said('FILE_LOCK', { filepath: 'b' }, 'somebody'));
  expect([...answers.missing]).toEqual(['b']);
  answers.hear(said('FILE_LOCK', { filepath: 'b' }));
  expect(answers.granted).toBe(true);
});

test('it waits for whoever has one of its paths, not for what another request of the attempt asked for', () => {
  const answers = new LockAnswers('run.0.1', ['a']);
  answers.hear(said('BLOCKED', { resource: 'other', waiting_for: 'run.1.1' }));
  expect(answers.answered).toBe(false);
  answers.hear(said('BLOCKED', { resource: 'a', waiting_for: 'run.1.1', holder_task: 'b' }));
  expect(answers.blocked).toEqual({ holder: 'b', path: 'a' });
});

test('it hears that another request gave up the wait for both, and that the attempt has ended', () => {
  const answers = new LockAnswers('run.0.1', ['a']);
  answers.hear(said('FILE_UNLOCK', { filepath: 'a' }));
  expect(answers.withdrawn).toBe(false);
  answers.hear(said('FILE_UNLOCK', { filepath: 'a', withdrawn: true }));
  expect(answers.withdrawn).toBe(true);
  answers.askAnew();
  expect(answers.withdrawn).toBe(false);
  expect(answers.ended).toBe(false);
  answers.hear(said('TASK_FAILED', {}));
  expect(answers.ended).toBe(true);
});
