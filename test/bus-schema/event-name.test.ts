import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_TYPES, eventName, parseEventName } from '../../bus-schema/event-name.js';

describe('event names', () => {
  test.each([
    ['TASK_COMPLETE_1.1.event', { type: 'TASK_COMPLETE', id: '1.1' }],
    ['TASK_FAILED_compile@r1.4.2.event', { type: 'TASK_FAILED', id: 'compile', attempt: 'r1.4.2' }],
    ['FILE_UNLOCK_all.event', { type: 'FILE_UNLOCK', id: 'all' }],
    ['PAUSE_REQUESTED.event', { type: 'PAUSE_REQUESTED', id: '' }],
    ['PLAN_EVAL_COMPLETE_lamp_20260412.event', { type: 'PLAN_EVAL_COMPLETE', id: 'lamp_20260412' }],
    ['BOARD_RESOLVE.event', { type: 'BOARD_RESOLVE', id: '' }],
    ['BOARD_RESOLVE_all.event', { type: 'BOARD_RESOLVE', id: 'all' }],
    ['PROGRESS_a_b.event', { type: 'PROGRESS', id: 'a_b' }],
    ['TASK_COMPLETE_x.event.event', { type: 'TASK_COMPLETE', id: 'x.event' }],
  ])('%s is read', (file, parts) => {
    expect(parseEventName(file)).toEqual(parts);
  });

  test.each([
    '',
    '.event',
    'TASK_COMPLETE.event',
    'TASK_COMPLETE_.event',
    'TASK_COMPLETE_1.1',
    'TASK_COMPLETE_1.1.event~',
    'TASK_COMPLETE_1.1.event\n',
    'task_complete_1.event',
    'TASK_DONE_1.event',
    'PAUSE_REQUESTED_x.event',
    'PLAN_COMPLETE.event',
    'PLAN_COMPLETE_../x.event',
    'TASK_COMPLETE_../x.event',
    'TASK_COMPLETE_-x.event',
    'TASK_COMPLETE_a b.event',
    'TASK_COMPLETE_a@.event',
    'TASK_COMPLETE_a@b@c.event',
    `TASK_COMPLETE_${'x'.repeat(300)}.event`,
  ])('%j is nobody’s event', file => {
    expect(parseEventName(file)).toBeUndefined();
  });

  test('what is written is what is read', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...EVENT_TYPES),
        id,
        fc.option(id, { nil: undefined }),
        (type, name, attempt) => {
          expect(parseEventName(eventName(type, name, attempt))).toEqual({
            type,
            id: name,
            ...(attempt === undefined ? {} : { attempt }),
          });
        },
      ),
    );
    expect(eventName('PAUSE_REQUESTED', '')).toBe('PAUSE_REQUESTED.event');
  });
});
