import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../../bus-schema/message.js';
import { RunStory } from '../../../daemon/projections/run-story.js';

const at = (type: string, payload: Message['payload']): Message => ({
  id: '1.0',
  type,
  source: 'signalbox',
  timestamp: '2026-01-01T00:00:01.000Z',
  payload: { run_id: 'run-1', ...payload },
});

const start = (task: string, attempt = 1): Message =>
  at('WORKER_DISPATCHED', {
    task_id: task,
    title: `Title of ${task}`,
    worker_id: 'worker-1',
    attempt_id: `${task}.${attempt}`,
    attempt,
  });

function begun(): RunStory {
  const story = new RunStory('run-1');
  story.hear(at('RUN_SUBMITTED', { total: 5, done_before: 1 }));
  return story;
}

describe('a run’s story', () => {
  test('goes from start to end, task by task', () => {
    const story = begun();
    expect(story.left).toBe(4);
    expect(story.hear(start('a'))).toEqual({
      kind: 'start',
      task: 'a',
      title: 'Title of a',
      text: 'worker-1',
    });
    expect([...story.running.values()]).toEqual([
      { task: 'a', title: 'Title of a', worker: 'worker-1', since: Date.UTC(2026, 0, 1, 0, 0, 1) },
    ]);
    expect(story.left).toBe(3);
    expect(story.hear(at('TASK_COMPLETE', { task_id: 'a', attempt_id: 'a.1', duration_ms: 40 }))).toEqual({
      kind: 'complete',
      task: 'a',
      title: 'Title of a',
      text: '',
      durationMs: 40,
    });
    expect(story).toMatchObject({ complete: 1, left: 3, verdict: undefined });
    expect(story.running.size).toBe(0);
    story.hear(at('RUN_COMPLETE', { verdict: 'FAIL' }));
    expect(story.verdict).toBe('FAIL');
  });

  test.each([
    ['TASK_FAILED', { task_id: 'a', error: 'exit code 1' }, 'failed', 'exit code 1'],
    ['TASK_SKIPPED', { task_id: 'b', blocked_by: 'a' }, 'skipped', 'because of a'],
    [
      'TASK_RETRY',
      { task_id: 'a', delay_ms: 1500, error: 'exit code 1' },
      'retry',
      'again in 1.5s: exit code 1',
    ],
    [
      'BLOCKED',
      { task_id: 'b', resource: 'src', waiting_for: 'run-1.0.1' },
      'waits',
      'for src, held by run-1.0.1',
    ],
    ['WORKER_STALLED', { task_id: 'a' }, 'note', 'shows no sign of progress and is ended'],
    ['WORKER_REPLACED', { worker_id: 'worker-2', reason: 'killed' }, 'note', 'worker-2 replaced: killed'],
  ])('%s is worth a line', (type, payload, kind, text) => {
    expect(begun().hear(at(type, payload))).toMatchObject({ kind, text });
  });

  test('a second chance takes back what had ended', () => {
    const story = begun();
    story.hear(start('a'));
    story.hear(at('TASK_FAILED', { task_id: 'a', attempt_id: 'a.1' }));
    story.hear(at('TASK_SKIPPED', { task_id: 'b', blocked_by: 'a' }));
    expect(story.hear(at('TASK_BLOCKED', { task_id: 'b', blocked_by: 'a' }))).toBeUndefined();
    story.hear(at('RUN_COMPLETE', { verdict: 'FAIL' }));
    expect(story).toMatchObject({ failed: 1, skipped: 1, left: 2 });
    expect(story.hear(at('TASK_RETRY', { task_id: 'a', delay_ms: 0, revives: ['b'] }))).toMatchObject({
      kind: 'retry',
      text: 'again, as an operator asked',
    });
    expect(story).toMatchObject({ failed: 0, skipped: 0, left: 4, verdict: undefined });
    expect(story.hear(start('a', 2))).toMatchObject({ text: 'worker-1, attempt 2' });
  });

  test('other runs’ messages, unknown ones and broken ones change nothing', () => {
    const story = begun();
    expect(story.hear(at('TASK_FAILED', { run_id: 'run-2', task_id: 'a' }))).toBeUndefined();
    expect(story.hear(at('SOMETHING_NEW', {}))).toBeUndefined();
    expect(story.hear(at('TASK_SKIPPED', { task_id: 5, blocked_by: null }))).toMatchObject({
      task: '',
      text: 'because of ',
    });
    story.hear(at('RUN_SUBMITTED', { total: 'many' }));
    expect(story).toMatchObject({ failed: 0, total: 0, left: 0 });
  });
});
