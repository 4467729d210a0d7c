import { describe, expect, test } from '@jest/globals';
import { whoseEvent } from '../../../daemon/cli/whose-event.js';

const INSIDE = {
  SIGNALBOX_TASK_ID: '1.2',
  SIGNALBOX_RUN_ID: 'run-1',
  SIGNALBOX_WORKER_ID: 'worker-1',
  SIGNALBOX_ATTEMPT_ID: 'run-1.0.1',
  SIGNALBOX_TOKEN: '0123456789abcdef0123456789abcdef',
};

describe('whom an event speaks of', () => {
  test('inside an attempt: of that attempt, with its token', () => {
    const own = {
      ...{ task: '1.2', run: 'run-1', worker: 'worker-1', attempt: 'run-1.0.1' },
      token: INSIDE.SIGNALBOX_TOKEN,
    };
    expect(whoseEvent('TASK_COMPLETE', {}, INSIDE)).toEqual({ ok: true, value: { id: '1.2', ...own } });
    expect(whoseEvent('TASK_COMPLETE', { task: '1.2' }, INSIDE)).toEqual({
      ok: true,
      value: { id: '1.2', ...own },
    });
    expect(whoseEvent('HEARTBEAT', {}, INSIDE)).toEqual({ ok: true, value: { id: 'worker-1', ...own } });
  });

  test('of another task, the token does not go along', () => {
    expect(whoseEvent('TASK_FAILED', { task: '9' }, INSIDE)).toEqual({
      ok: true,
      value: { id: '9', task: '9' },
    });
    expect(whoseEvent('TASK_FAILED', { run: 'run-2' }, INSIDE)).toEqual({
      ok: true,
      value: { id: '1.2', run: 'run-2' },
    });
    expect(whoseEvent('HEARTBEAT', { worker: 'worker-2' }, INSIDE)).toEqual({
      ok: true,
      value: { id: 'worker-2', worker: 'worker-2' },
    });
  });

  test('outside, somebody must be named', () => {
    expect(whoseEvent('PROGRESS', {}, {})).toMatchObject({ ok: false, error: { file: '--task' } });
    expect(whoseEvent('HEARTBEAT', { task: 'a' }, {})).toMatchObject({
      ok: false,
      error: { file: '--worker' },
    });
    expect(whoseEvent('PROGRESS', { task: 'a' }, {})).toEqual({ ok: true, value: { id: 'a', task: 'a' } });
  });

  test.each(['../x', 'a/b', '', 'a'.repeat(101), '.hidden'])(
    'an id such as %p never becomes a file name',
    task => {
      expect(whoseEvent('TASK_COMPLETE', { task }, {}).ok).toBe(false);
      expect(whoseEvent('TASK_COMPLETE', {}, { SIGNALBOX_TASK_ID: task }).ok).toBe(false);
    },
  );
});
