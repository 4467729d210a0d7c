import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { RunOptions } from '../../../bus-schema/command.js';
import type { Config } from '../../../bus-schema/config.js';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { planSchema, type Plan } from '../../../bus-schema/plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { said, valueOf } from './said.js';

const read = (text: string, file = 'wave.json'): ReturnType<typeof readPlan> => readPlan({ text, file });
const resolve = (text: string, options: RunOptions = {}, config: Config = {}): Plan =>
  valueOf(resolvePlan(valueOf(read(text)).plan, options, config));
const refused = (text: string): string[] => said(readPlan({ text, file: 'wave.json', format: 'wave' }));
const warned = (text: string): string[] => valueOf(read(text)).warnings.map(formatDiagnostic);
const promptOf = (plan: Plan, index = 0): string => {
  const work = plan.tasks[index]?.work;
  return work?.kind === 'agent' ? work.prompt : '';
};

/** A wave with these tasks, each on a line of its own from the third on. */
const wave = (...tasks: string[]): string =>
  `{ "wave": 2, "maxParallel": 3,\n"tasks": [\n${tasks.join(',\n')}\n]}`;
const task = (id: string, context: object, more: object = {}): string =>
  JSON.stringify({ taskId: id, context, ...more });

const LOGIN = {
  description: 'Add a login form',
  instructions: 'Put it on the first page.\nKeep it plain.',
  targetFiles: ['src/login.ts', 'src/page.ts'],
  dependencyOutputs: [{ taskId: 'task-1', summary: 'made the page' }],
  constraints: { maxReadFiles: 10, maxWriteFiles: 3, allowBashCommands: false, style: 'plain' },
  dependencies: ['task-1'],
  type: 'Implementation',
  ticket: { number: 7 },
};

describe('a wave in JSON', () => {
  const text = wave(
    task('task-2', LOGIN, { model: 'opus', needsCodexReview: true }),
    task('task-3', { description: 'Test it' }, { model: 'inherit', dependencies: ['task-2'], type: 'test' }),
  );

  test('is a plan of its tasks', () => {
    const plan = resolve(text);
    expect(warned(text)).toEqual([]);
    expect(plan).toMatchObject({ format: 'wave', name: 'wave', wave: 2, tick: false });
    expect(plan.settings).toMatchObject({ maxParallel: 3, schedule: 'dag', onConflict: 'abort' });
    expect(plan.settings.onFailure).toBe('continue');
    expect(plan.tasks).toMatchObject([
      {
        ...{ id: 'task-2', title: 'Add a login form', type: 'implementation', dependsOn: [] },
        ...{ files: ['src/login.ts', 'src/page.ts'], timeoutMs: 600_000, retries: 0, answers: true },
      },
      { id: 'task-3', title: 'Test it', type: 'test', dependsOn: ['task-2'], files: [], answers: true },
    ]);
    expect(planSchema.safeParse(JSON.parse(JSON.stringify(plan))).error?.issues).toBeUndefined();
  });

  test('its agent is told all that the context says, and asked for an answer', () => {
    const plan = resolve(text);
    expect(plan.tasks[0]?.work).toMatchObject({ agent: 'claude', promptBy: 'argv' });
    expect(plan.tasks[0]?.work).toMatchObject({
      argv: ['claude', '--print', '--model', 'opus', promptOf(plan)],
    });
    expect(plan.tasks[1]?.work).toMatchObject({ argv: ['claude', '--print', promptOf(plan, 1)] });
    for (const part of [
      'Task task-2: Add a login form',
      'Instructions:\nPut it on the first page.\nKeep it plain.',
      '- src/login.ts\n- src/page.ts',
      '- task-1: made the page',
      '- Read at most 10 files.\n- Write at most 3 files.\n- Run no shell commands.\n- style: plain',
      '"ticket": {\n    "number": 7',
      '{"taskId": "task-2", "status": "completed" | "failed" | "needs_context"',
      'at most 500 characters',
    ])
      expect(promptOf(plan)).toContain(part);
  });

  test('an echo of its prompt is no answer', () => {
    const shapes = promptOf(resolve(text))
      .split('\n')
      .filter(line => line.startsWith('{"'));
    expect(shapes).toHaveLength(1);
    for (const shape of shapes) expect(() => JSON.parse(shape) as unknown).toThrow(SyntaxError);
  });

  test('by standard input it has its number for a name', () => {
    expect(valueOf(readPlan({ text, file: '-' })).plan.name).toBe('wave-2');
  });

  test('a model of claude is not passed to programs that do not know it', () => {
    const asked = wave(task('a', { description: 'x' }, { model: 'opus' }));
    const codex = resolve(asked, { agent: 'codex' });
    expect(codex.tasks[0]?.work).toMatchObject({ argv: ['codex', 'exec', promptOf(codex)] });
    const mine = resolve(
      asked,
      {},
      { agent: 'm', agents: { m: { command: ['m', '{model}', '{prompt}'], env: [] } } },
    );
    expect(mine.tasks[0]?.work).toMatchObject({ argv: ['m', 'opus', promptOf(mine)] });
  });

  test('may be written as YAML', () => {
    const yaml = 'wave: 4\ntasks:\n  - taskId: task-9\n    context:\n      description: Look\n';
    expect(valueOf(read(yaml)).plan).toMatchObject({ format: 'wave', wave: 4, tasks: [{ id: 'task-9' }] });
  });
});

describe('how many at once, by type', () => {
  const text = wave(task('a', { description: 'x', type: ' Research ' }));
  test.each<[string, Config, Plan['limits']]>([
    ['as the format has it', {}, { research: 10, planning: 10, implementation: 1, review: 5 }],
    [
      'key by key from the config, however it is spelled there',
      { limits: { Implementation: 3, docs: 2 } },
      { research: 10, planning: 10, implementation: 3, review: 5, docs: 2 },
    ],
  ])('%s', (_name, config, limits) => {
    expect(resolve(text, {}, config).limits).toEqual(limits);
    expect(resolve(text, {}, config).tasks[0]?.type).toBe('research');
  });
});

describe('refused, with the place', () => {
  test.each([
    ['a list', '[]', ['this is no wave']],
    ['no tasks', '{ "wave": 1 }', ['wave.json:1:1: error: the plan has no tasks']],
    ['an empty list of tasks', '{ "tasks": [] }', ['wave.json:1:12: error: the plan has no tasks']],
    ['tasks that are no list', '{ "tasks": {} }', ['wave.json:1:12: error: the wave: tasks must be a list']],
    [
      'a task that is no mapping',
      wave('"task-1"'),
      ['wave.json:3:1: error: task number 1 must be a mapping'],
    ],
    ['no taskId', wave('{ "context": {} }'), ['wave.json:3:1: error: task number 1: it has no taskId']],
    [
      'a number for a taskId',
      wave('{ "taskId": 2 }'),
      ['3:13: error: task number 1: taskId must be text, not the number 2'],
    ],
    ['a taskId that leads elsewhere', wave('{ "taskId": "../x" }'), ['3:13: error: "../x" is no task id']],
    [
      'a taskId used twice',
      wave('{ "taskId": "a" }', '{ "taskId": "a" }'),
      ['3:13: error: task id a is used more than once: first here', '4:13: error: task id a'],
    ],
    [
      'an unknown dependency beside the context',
      wave('{ "taskId": "task-1", "dependencies": ["task-7"] }'),
      ['wave.json:3:40: error: task task-1 depends on "task-7", which is not in the plan'],
    ],
    [
      'an unknown dependency in the context',
      wave('{ "taskId": "task-1", "context": { "dependencies": ["task-7"] } }'),
      ['wave.json:3:53: error: task task-1 depends on "task-7"'],
    ],
    [
      'a circle',
      wave('{"taskId": "a", "dependencies": ["b"]}', '{"taskId": "b", "context": {"dependencies": ["a"]}}'),
      ['wave.json:3:34: error: tasks depend on each other in a circle: a → b → a'],
    ],
    [
      'dependencies by another name',
      wave('{"taskId": "a", "context": {"depends_on": ["b"]}}'),
      ['depends_on is not what this format calls dependencies'],
    ],
    [
      'a context that is text',
      wave('{ "taskId": "a", "context": "x" }'),
      ['3:29: error: task a: context must be a mapping, not "x"'],
    ],
    [
      'files that are no list',
      wave('{ "taskId": "a", "targetFiles": "x" }'),
      ['3:33: error: task a: targetFiles must be a list'],
    ],
    [
      'a file that is no text',
      wave('{ "taskId": "a", "targetFiles": [1] }'),
      ['3:34: error: task a: an entry of targetFiles must be text'],
    ],
    [
      'a file elsewhere',
      wave('{ "taskId": "a", "targetFiles": ["../x"] }'),
      ['3:34: error: task a: targetFiles: "../x" leaves the repo'],
    ],
    [
      'nothing at once',
      '{ "tasks": [], "maxParallel": 0 }',
      ['1:31: error: the wave: maxParallel must be a whole number from 1'],
    ],
    [
      'a word for a truth value',
      wave('{ "taskId": "a", "needsCodexReview": "yes" }'),
      ['3:38: error: task a: needsCodexReview must be true or false, not "yes"'],
    ],
    [
      'a model that is no text',
      wave('{ "taskId": "a", "model": 4 }'),
      ['3:27: error: task a: model must be text, not the number 4'],
    ],
    [
      'a model like an option',
      wave('{ "taskId": "a", "model": "--all" }'),
      ['model "--all" begins with a dash'],
    ],
    [
      'a wave that is no number',
      '{ "wave": "two", "tasks": [] }',
      ['1:11: error: the wave: wave must be a whole number'],
    ],
  ])('%s', (_name, text, parts) => {
    const lines = refused(text).join('\n');
    for (const part of parts) expect(lines).toContain(part);
  });

  test('everything at once', () => {
    const text = wave('{ "taskId": 1, "model": 2, "needsCodexReview": 3 }', '{ "context": [] }');
    expect(refused(text).filter(line => line.includes(': error: '))).toHaveLength(5);
  });

  test('comments, each at its place', () => {
    expect(refused(wave('{ "taskId": "a", /* one */ "context": {\n // two\n} }'))).toEqual([
      'wave.json:3:18: error: not valid JSON: a comment begins here, and JSON has none. Remove it, or write what it stands for.',
      'wave.json:4:2: error: not valid JSON: a comment begins here, and JSON has none. Remove it, or write what it stands for.',
    ]);
  });
});

describe('let pass, with a warning', () => {
  test('keys that have no meaning here, but not those of a context', () => {
    const text = wave(task('a', { description: 'x', colour: 'red' }, { owner: 'me' }));
    expect(warned(text)).toEqual([expect.stringMatching(/warning: task a: owner is not a key/)]);
  });

  test('a task of which nothing is said', () => {
    expect(warned(wave('{ "taskId": "a", "context": {} }'))).toEqual([
      'wave.json:3:29: warning: task a: nothing says what is to be done. Give it a description or instructions.',
    ]);
  });

  test('files that tasks share, unless one depends on the other anyway', () => {
    const sharing = (id: string, file: string, more = ''): string =>
      `{"taskId": "${id}", "context": {"description": "x", "targetFiles": ["${file}"]${more}}}`;
    const text = wave(
      sharing('task-2', 'src/a.ts'),
      sharing('task-3', 'src/a.ts'),
      sharing('task-4', 'src/*.ts', ', "dependencies": ["task-3"]'),
      sharing('task-5', 'src/a.ts', ', "dependencies": ["task-4", "task-2"]'),
      sharing('task-6', 'doc/a.md'),
    );
    expect(warned(text)).toEqual([
      'wave.json:4:70: warning: task-3 shares src/a.ts with task-2: it runs after it.',
      'wave.json:5:70: warning: task-4 shares src/*.ts with task-2: it runs after it.',
    ]);
  });

  test('what is longer than the format has it; instructions are cut', () => {
    const text = wave(
      task('a', {
        description: 'd'.repeat(101),
        instructions: 'i'.repeat(2001),
        targetFiles: Array.from({ length: 11 }, (_, i) => `f${i}`),
      }),
    );
    expect(warned(text).map(line => line.slice(line.indexOf('task a')))).toEqual([
      'task a: its description is longer than 100 characters. Say more in instructions.',
      'task a: its instructions are longer than 2000 characters, and are cut there. Say it in fewer words, or in a file.',
      'task a: targetFiles has 11 entries, more than 10. Smaller tasks can run side by side.',
    ]);
    const prompt = promptOf(resolve(text));
    expect(prompt).toContain(`${'i'.repeat(2000)} [TRUNCATED]`);
    expect(prompt).not.toContain('i'.repeat(2001));
  });
});

test('what a task of an earlier wave has left is not waited for', () => {
  const text = wave(
    task('b', { ...LOGIN, dependencies: ['task-1'] }),
    task('task-3', { ...LOGIN, targetFiles: [] }),
  );
  expect(resolve(text).tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], []]);
});

describe('the sample of the source system', () => {
  const seeds = join(dirname(process.env.SIGNALBOX_FIXTURES ?? ''), 'seeds');
  if (process.env.SIGNALBOX_FIXTURES === undefined || !existsSync(seeds)) {
    test.skip('not read: SIGNALBOX_FIXTURES does not name a folder beside one with seeds', () => undefined);
    return;
  }
  const name = readdirSync(seeds).find(file => file.startsWith('003')) ?? '';
  const sample =
    /```json\n(\{[\s\S]*?"maxParallel"[\s\S]*?)```/.exec(readFileSync(join(seeds, name), 'utf8'))?.[1] ?? '';

  test('is refused with its comments, each at its place', () => {
    const lines = said(read(sample));
    expect(lines.map(line => line.split(': ', 1)[0])).toEqual(['wave.json:7:9', 'wave.json:15:9']);
  });

  test('is read without them', () => {
    const plan = resolve(sample.replace(/\/\*.*?\*\//g, ''));
    expect(plan).toMatchObject({ format: 'wave', wave: 2, settings: { maxParallel: 5 } });
    expect(plan.tasks.map(({ id, review }) => [id, review?.rounds])).toEqual([
      ['task-2', 3],
      ['task-3', undefined],
    ]);
    expect(plan.tasks[0]?.work).toMatchObject({ argv: expect.arrayContaining(['--model', 'opus']) });
  });
});

test('damaged waves are read or refused, and nothing is thrown', () => {
  const whole = wave(
    task('task-2', LOGIN, { needsCodexReview: true }),
    task('task-3', { ...LOGIN, extra: [null] }),
  );
  const splinter = fc.oneof(
    fc.constantFrom('{', '}', '[', ']', '"', ',', ':', 'null', '0', '{}', '[]', '/*'),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(6), splinter), { minLength: 1, maxLength: 4 }),
      damages => {
        let text = whole;
        for (const [where, length, put] of damages) {
          const at = where % (text.length + 1);
          text = text.slice(0, at) + put + text.slice(at + length);
        }
        const result = readPlan({ text, file: 'f', format: 'wave' });
        expect(result.ok || result.error.some(({ severity }) => severity === 'error')).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('any values in any place are read or refused, and nothing is thrown', () => {
  const keys = [
    'taskId',
    'id',
    'context',
    'model',
    'description',
    'instructions',
    'targetFiles',
    'dependencies',
    'dependencyOutputs',
    'constraints',
    'type',
    'prompt',
  ];
  const entry = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), {
    noNullPrototype: true,
  });
  const entries = fc.array(
    fc.tuple(entry, entry).map(([own, context]) => ({ ...own, context })),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(entries, tasks => {
      const result = readPlan({ text: JSON.stringify({ tasks }), file: 'f', format: 'wave' });
      expect(result.ok ? valueOf(resolvePlan(result.value.plan, {}, {})).tasks.length : 1).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
