import { describe, expect, test } from '@jest/globals';
import { readPlan } from '../../../daemon/plan/read.js';
import { complaints, native, said, valueOf } from './said.js';

const FULL = `name: build
settings: { max_parallel: 5, timeout: 30m, heartbeat_timeout: 10m, on_failure: stop, retries: 2, schedule: waves, output_dir: out }
limits: { code: 1, review: 5 }
tasks:
  - id: compile
    title: Compile the library
    command: make lib
    type: code
    files: [src/, build/lib.a]
    access: read
    priority: P1
    estimate: 40s
    timeout: 10m
    retries: 0
    output: out/compile.log
    accept: test -s build/lib.a
    env: { CC: clang }
  - id: review
    agent: claude
    prompt: Look at it
    model: large
    depends_on: [compile, compile]
`;

test('everything of the format is read', () => {
  expect(native(FULL)).toEqual({
    format: 'native',
    name: 'build',
    groups: [],
    limits: { code: 1, review: 5 },
    settings: {
      maxParallel: 5,
      timeoutMs: 1_800_000,
      heartbeatTimeoutMs: 600_000,
      onFailure: 'stop',
      retries: 2,
      schedule: 'waves',
      outputDir: 'out',
    },
    tasks: [
      {
        id: 'compile',
        title: 'Compile the library',
        type: 'code',
        work: { kind: 'command', command: 'make lib' },
        files: ['src', 'build/lib.a'],
        access: 'read',
        dependsOn: [],
        priority: 1,
        estimateMs: 40_000,
        timeoutMs: 600_000,
        retries: 0,
        output: 'out/compile.log',
        accept: 'test -s build/lib.a',
        env: { CC: 'clang' },
        done: false,
      },
      {
        id: 'review',
        title: 'review',
        work: { kind: 'agent', agent: 'claude', prompt: 'Look at it', model: 'large' },
        files: [],
        access: 'write',
        dependsOn: ['compile'],
        priority: 2,
        env: {},
        done: false,
      },
    ],
  });
});

test('JSON and YAML say the same', () => {
  const yaml = valueOf(
    readPlan({ text: 'signalbox: 1\nname: n\ntasks: [{id: a, command: x, timeout: 1h30m}]', file: '-' }),
  );
  const json = valueOf(
    readPlan({
      text: '{"signalbox":1,"name":"n","tasks":[{"id":"a","command":"x","timeout":"1h30m"}]}',
      file: '-',
    }),
  );
  expect(json).toEqual(yaml);
});

test('a task may leave its work to flags, or its agent', () => {
  const [none, prompted] = native('tasks: [{id: a}, {id: b, prompt: do it}]').tasks;
  expect(none?.work).toBeUndefined();
  expect(prompted?.work).toEqual({ kind: 'agent', prompt: 'do it' });
});

const task = (rest: string): string => `tasks:\n  - id: a\n    ${rest}\n`;

describe('what is wrong is said with its place and its remedy', () => {
  test.each([
    [
      task('comand: x'),
      'p.yaml:4:5: error: task a: comand is not a key that is known here. Did you mean command?',
    ],
    [
      'taks: []\ntasks: [{id: a}]',
      'p.yaml:2:1: error: the plan: taks is not a key that is known here. Did you mean tasks?',
    ],
    [
      'settings: {zebra: 1}\ntasks: [{id: a}]',
      'p.yaml:2:12: error: settings: zebra is not a key that is known here. The keys here are max_parallel, timeout, heartbeat_timeout, on_failure, retries, schedule, on_conflict, output_dir.',
    ],
    [
      task('timeout: 30'),
      'p.yaml:4:14: error: task a: timeout: "30" has no unit; write a duration as 30m, 90s, 1500ms or 1h30m.',
    ],
    [task('timeout: 0s'), 'p.yaml:4:14: error: task a: timeout: "0s" is no time at all.'],
    [task('timeout: [1]'), 'p.yaml:4:14: error: task a: timeout must be a duration such as 30m, not a list.'],
    [
      task('priority: P4'),
      'p.yaml:4:15: error: task a: priority must be one of P0, P1, P2, P3, not "P4". Did you mean P0?',
    ],
    [
      task('priority: 1'),
      'p.yaml:4:15: error: task a: priority must be one of P0, P1, P2, P3, not the number 1.',
    ],
    [
      task('retries: -1'),
      'p.yaml:4:14: error: task a: retries must be a whole number from 0 to 100, not the number -1.',
    ],
    [
      task('env: {CC: 1.10}'),
      'p.yaml:4:15: error: task a: env: CC must be text, not the number 1.10, which becomes 1.1. Quote it: "1.10".',
    ],
    [
      task('env: {"A B": x}'),
      'p.yaml:4:18: error: task a: env: "A B" is no name of an environment variable.',
    ],
    [
      task('title: true'),
      'p.yaml:4:12: error: task a: title must be text, not the truth value true. Quote it: "true".',
    ],
    [task('command: "a\\0b"'), 'p.yaml:4:14: error: task a: command has a NUL character in it.'],
    [task('command: ""'), 'p.yaml:4:14: error: task a: command is empty.'],
    [
      'tasks:\n  - id: a\n    command: x\n    prompt: y',
      'p.yaml:5:13: error: task a: it has both command and prompt. Keep the command, or the agent and its prompt.',
    ],
    [task('agent: claude'), 'p.yaml:4:12: error: task a: it has agent but no prompt. Add the prompt.'],
    [
      task('files: src/'),
      'p.yaml:4:12: error: task a: files must be a list, not "src/". Write it as files: ["src/"].',
    ],
    [
      task('files: [a, ]\n    depends_on: [~]'),
      'p.yaml:5:18: error: task a: an entry of depends_on is empty.',
    ],
    [
      'limits: {code: 0}\ntasks: [{id: a}]',
      'p.yaml:2:16: error: limits: code must be a whole number from 1 to 1000, not the number 0.',
    ],
    [
      'tasks: [{id: 3.10}]',
      'p.yaml:2:14: error: task number 1: id must be text, not the number 3.10, which becomes 3.1. Quote it: "3.10".',
    ],
    [
      'tasks: [{id: 7}]',
      'p.yaml:2:14: error: task number 1: id must be text, not the number 7. Quote it: "7".',
    ],
    ['tasks: []', 'p.yaml:2:8: error: the plan has no tasks. List at least one task with an id.'],
    ['name: x', 'p.yaml:1:1: error: the plan has no tasks. List at least one task with an id.'],
  ])('%s', (yaml, message) => {
    expect(complaints(yaml)).toEqual([message]);
  });

  test('another version', () => {
    expect(said(readPlan({ text: 'signalbox: 2\ntasks: [{id: a}]', file: 'p.yaml' }))).toEqual([
      'p.yaml:1:12: error: the plan: signalbox must be 1, the version of the format, not the number 2. Write signalbox: 1.',
    ]);
  });

  test('in JSON too, where a key of the prototype is a key like any other', () => {
    const text =
      '{"signalbox": 1,\n "tasks": [{"id": "a",\n  "__proto__": {"command": "x"}, "depends_on": ["b"]}]}';
    expect(said(readPlan({ text, file: 'p.json' }))).toEqual([
      'p.json:3:3: error: task a: __proto__ is not a key that is known here. The keys here are id, title, command, agent, prompt, model, type, files, access, depends_on, priority, wave, estimate, timeout, retries, output, accept, env, review, answers.',
      'p.json:3:49: error: task a depends on "b", which is not in the plan.',
    ]);
  });

  test('all at once, in the order of the file, and not without end', () => {
    const many = Array.from({ length: 600 }, (_, i) => `  - {id: t${i}, comand: x}\n`).join('');
    const lines = complaints(`settings: {retries: x}\ntasks:\n${many}`);
    expect(lines).toHaveLength(501);
    expect(lines[0]).toBe(
      'p.yaml:2:21: error: settings: retries must be a whole number from 0 to 100, not "x".',
    );
    expect(lines.at(-1)).toBe('p.yaml: error: there are 101 more problems like these.');
  });

  test.each([
    ['tasks that are none', `{"signalbox":1,"tasks":[1${',1'.repeat(20_000)}]}`],
    ['numbers for files', `{"signalbox":1,"tasks":[{"id":"a","files":[1${',1'.repeat(20_000)}]}]}`],
    [
      'numbers for variables',
      `{"signalbox":1,"tasks":[{"id":"a","env":{"A":1${Array.from({ length: 20_000 }, (_, i) => `,"V${i}":1`).join('')}}}]}`,
    ],
    ['unknown keys', `{"signalbox":1${Array.from({ length: 20_000 }, (_, i) => `,"k${i}":1`).join('')}}`],
    ['wrong ids', `{"signalbox":1,"tasks":[{"id":"?"}${',{"id":"?"}'.repeat(20_000)}]}`],
    ['unknown tasks', `{"signalbox":1,"tasks":[{"id":"a","depends_on":["b"${',"b"'.repeat(20_000)}]}]}`],
  ])('of tens of thousands of %s only ten thousand are counted', (_name, text) => {
    const lines = said(readPlan({ text, file: 'p.json' }));
    expect(lines).toHaveLength(501);
    expect(lines.at(-1)).toBe('p.json: error: there are at least 9500 more problems like these.');
  });

  test('an error behind hundreds of warnings is listed all the same', () => {
    const tasks = Array.from({ length: 600 }, (_, i) => `- {id: t${i}, agent: a, prompt: b, note: c}\n`);
    const text = `tasks:\n${tasks.join('')}- {id: t, agent: a}\n`;
    const lines = said(readPlan({ text, file: 'p.yaml', format: 'dispatch' }));
    expect(lines).toHaveLength(501);
    expect(lines[499]).toBe('p.yaml:602:3: error: task t: it has no prompt. Say what the agent is to do.');
    expect(lines[500]).toBe('p.yaml: error: there are 101 more problems like these.');
  });
});

test('a task may ask for a review, and be asked to answer; attempts that are in each other’s way may be ended', () => {
  const plan = native(
    'settings: {on_conflict: abort}\ntasks: [{id: a, command: x, review: true, answers: true}, {id: b, command: x, review: false}]',
  );
  expect(plan.settings.onConflict).toBe('abort');
  expect(plan.tasks.map(({ review, answers }) => [review, answers])).toEqual([
    [true, true],
    [undefined, undefined],
  ]);
  expect(complaints('tasks: [{id: a, command: x, review: yes}]')).toEqual([
    'p.yaml:2:37: error: task a: review must be true or false, not "yes".',
  ]);
});

describe('numbered waves', () => {
  const tasks = (b: string): string =>
    `tasks:\n  - {id: a, command: x, wave: 2}\n  - {id: b, command: x, ${b}}\n`;

  test('count from 1', () => {
    expect(native(tasks('wave: 1')).tasks.map(({ wave }) => wave)).toEqual([1, 0]);
    expect(complaints(tasks('wave: 0'))).toEqual([
      'p.yaml:4:31: error: task b: wave must be a whole number from 1 to 100000, not the number 0.',
    ]);
  });

  test('a task that would wait for a later wave is refused', () => {
    expect(complaints(tasks('wave: 1, depends_on: [a]'))).toEqual([
      'p.yaml:4:31: error: task b (wave 1) depends on task a (wave 2). Give what it depends on an earlier wave, or the same.',
    ]);
    expect(complaints(tasks('wave: 2, depends_on: [a]'))).toEqual([]);
  });

  test('one without a number is in the wave of its level', () => {
    expect(complaints(tasks('depends_on: [a]'))).toEqual([]);
    expect(
      complaints('tasks:\n  - {id: a, command: x, wave: 3}\n  - {id: b, command: x, depends_on: [a]}\n'),
    ).toEqual([
      'p.yaml:4:5: error: task b (wave 2, for its place in the graph) depends on task a (wave 3). Give what it depends on an earlier wave, or the same.',
    ]);
  });
});
