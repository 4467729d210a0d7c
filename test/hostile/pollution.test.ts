import { afterEach, expect, test } from '@jest/globals';
import { decodeJson } from '../../bus-schema/codec.js';
import { commandSchema } from '../../bus-schema/command.js';
import { messageSchema } from '../../bus-schema/message.js';
import { decodeBody } from '../../daemon/bus/drop-body.js';
import { decodeLockBody } from '../../daemon/bus/lock-body.js';
import { readLocksEdit } from '../../daemon/bus/locks-edit.js';
import { readStatusEdit } from '../../daemon/bus/status-edit.js';
import { readConfig } from '../../daemon/plan/read-config.js';
import { readPlan } from '../../daemon/plan/read.js';
import { DEEP, POLLUTION } from './rig.js';

const before = Object.getOwnPropertyNames(Object.prototype).sort();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['an event’s body', decodeBody],
  ['a request for locks', decodeLockBody],
  ['locks.json', readLocksEdit],
  ['worker-status.json', readStatusEdit],
  ['a command', text => decodeJson(text, commandSchema)],
  ['a line of the feed', text => decodeJson(text, messageSchema)],
  ['a plan', text => readPlan({ text, file: 'plan' })],
  ['a config', text => readConfig(text, 'config.yaml')],
];
const own = (id: string): string =>
  `{"signalbox":1,"name":"${id}","tasks":[{"id":"${id}","command":":","type":"${id}","env":{"__proto__":"x"},"__proto__":{"polluted":1}}],"limits":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}`;
const TEXTS = [
  POLLUTION,
  own('constructor'),
  own('__proto__'),
  'signalbox: 1\n__proto__: { polluted: 1 }\ntasks:\n  - { id: a, command: x, __proto__: { polluted: 1 } }\n',
  `{"__proto__":{"worker_id":"x","task_id":"t"},"constructor":"w","toString":{"worker_id":"w","task_id":"t"}}`,
  '{"a":1e400,"b":123456789012345678901234567890,"a":2}',
  DEEP,
  '\u0000\ufeff{}',
];

test.each(READERS)('%s changes no object but its own', (_what, read) => {
  for (const text of TEXTS) read(text);
});

test('names that every object has are ids like others, and __proto__ is none', () => {
  const plan = (id: string): ReturnType<typeof readPlan> =>
    readPlan({ text: `{"signalbox":1,"name":"x","tasks":[{"id":"${id}","command":":"}]}`, file: 'plan' });
  for (const id of ['constructor', 'toString', 'hasOwnProperty']) expect(plan(id).ok).toBe(true);
  const refused = plan('__proto__');
  expect(refused.ok ? '' : refused.error.map(each => `${each.message} ${each.remedy ?? ''}`).join()).toMatch(
    /"__proto__" is no task id.*letters, digits/,
  );
});
