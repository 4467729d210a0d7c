import { describe, expect, test } from '@jest/globals';
import { readStatusEdit } from '../../../daemon/bus/status-edit.js';

describe('a worker-status.json that somebody else wrote', () => {
  test.each([
    [
      'the form of the skill',
      { 'worker-1.1-20261121': { task_id: '1.1', status: 'RUNNING', progress_pct: 30, last_heartbeat: 'x' } },
      30,
    ],
    [
      'the form of the agent',
      { w: { worker_id: 'w', task_id: '1.1', started_at: 'x', last_heartbeat: 'x', status: 'COMPLETED' } },
      undefined,
    ],
    ['a percentage that is none', { w: { task_id: '1.1', progress_pct: 'half' } }, undefined],
  ])('%s', (_what, content, progress) => {
    expect(readStatusEdit(JSON.stringify(content))).toMatchObject([{ task: '1.1', progress }]);
  });

  test.each([
    '',
    '{',
    '[]',
    '"x"',
    '{"w":"RUNNING"}',
    '{"w":{"status":"RUNNING"}}',
    '{"w":{"task_id":7}}',
    '['.repeat(5000),
  ])('nothing is made of %p', text => {
    expect(readStatusEdit(text)).toEqual([]);
  });

  test('entries that say the same are equal in their text', () => {
    const [a] = readStatusEdit('{"w":{"task_id":"1","status":"RUNNING"}}');
    const [b] = readStatusEdit('{ "w": { "task_id": "1", "status": "RUNNING" } }');
    expect(a?.text).toBe(b?.text);
  });
});
