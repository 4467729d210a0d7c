import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { RunOptions } from '../../../bus-schema/command.js';
import type { TaskId } from '../../../bus-schema/ids.js';
import type { Plan, Task, Work } from '../../../bus-schema/plan.js';
import { parseRepoPath } from '../../../bus-schema/repo-path.js';
import { printPlan } from '../../../daemon/cli/print-plan.js';
import { templateOf } from '../../../daemon/plan/agent-templates.js';
import { fillTemplate } from '../../../daemon/plan/fill-template.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { answerRequest } from '../../../daemon/plan/stage-prompts.js';

/** A plan as it comes back from its own YAML. */
function readBack(plan: Plan, options: RunOptions = {}): Plan {
  const text = printPlan(plan, 'yaml');
  const read = readPlan({ text, file: '-' });
  if (!read.ok) throw new Error(`${read.error.map(each => each.message).join('\n')}\n${text}`);
  expect(read.value.warnings).toEqual([]);
  const resolved = resolvePlan(read.value.plan, options, {});
  if (!resolved.ok) throw new Error(resolved.error.map(each => each.message).join('\n'));
  return resolved.value;
}

/** As JSON would keep it: an absent key and one that is `undefined` are the same. */
const plain = (plan: Plan): unknown => JSON.parse(JSON.stringify(plan));

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).filter(text => !text.includes('\0')),
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    'true',
    '1.10',
    '~',
    '- x',
    'a: b',
    '# no',
    "it's",
    '"',
    '\\',
    '---',
    '|',
    '',
    ' ',
    'é\u0085x',
    '\u2028',
  ),
  fc
    .array(fc.constantFrom('echo a', '  indented', '', '\tx', '# c', '---', 'b: c', ' ', "'", 'x  '), {
      maxLength: 5,
    })
    .map(lines => lines.join('\n')),
);
const words = nasty.filter(text => text !== '');
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,8}$/);
const path = fc
  .stringMatching(/^[a-z*][a-z0-9./ *-]{0,12}$/)
  .map(text => parseRepoPath(text))
  .filter(parsed => parsed.ok)
  .map(parsed => parsed.value)
  // A printed path is read once more, and must be its own reading.
  .filter(text => {
    const again = parseRepoPath(text);
    return again.ok && again.value === text;
  });
const duration = fc.oneof(fc.integer({ min: 1, max: 100_000_000 }), fc.constantFrom(60_000, 1000, 3_600_000));

const shell = words.map((command): Work => ({ kind: 'shell', command }));
const agent = fc
  .record({
    agent: fc.constantFrom('claude', 'codex', 'gemini', 'opencode'),
    prompt: nasty,
    model: fc.option(words, { nil: undefined }),
  })
  .map(({ agent: name, prompt, model }): Work => {
    const template = templateOf(name, {});
    if (template === undefined) throw new Error(`no template of ${name}`);
    const fillings = { prompt, agent: name, model, task: 't', title: 't', track: 'n', name: 'n' };
    return {
      kind: 'agent',
      agent: name,
      prompt,
      env: [...template.env],
      ...fillTemplate(template.command, fillings),
    };
  });

/** An agent that is to answer is asked for it behind its prompt. */
function asking(work: Work, taskId: string): Work {
  if (work.kind === 'shell') return work;
  const template = templateOf(work.agent, {})?.command ?? [];
  const prompt = `${work.prompt}${answerRequest({ id: taskId as TaskId })}`;
  const fillings = { prompt, agent: work.agent, task: 't', title: 't', track: 'n', name: 'n' };
  return { ...work, prompt, ...fillTemplate(template, { ...fillings, model: undefined }) };
}

const task = (taskId: string, earlier: readonly string[]): fc.Arbitrary<Task> =>
  fc
    .record({
      title: nasty,
      type: fc.option(words, { nil: undefined }),
      files: fc.uniqueArray(path, { maxLength: 3 }),
      access: fc.constantFrom('write', 'read'),
      dependsOn: fc.subarray([...earlier]),
      priority: fc.constantFrom(0, 1, 2, 3),
      estimateMs: fc.option(duration, { nil: undefined }),
      output: fc.option(words, { nil: undefined }),
      accept: fc.option(words, { nil: undefined }),
      env: fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,5}$/), nasty, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      work: fc.oneof(shell, agent),
      answers: fc.option(fc.constant(true as const), { nil: undefined }),
      timeoutMs: duration,
      retries: fc.integer({ min: 0, max: 100 }),
    })
    .map((made): Task => ({
      ...made,
      work: made.answers === true ? asking(made.work, taskId) : made.work,
      id: taskId as TaskId,
      dependsOn: made.dependsOn as TaskId[],
      done: false,
    }));

const plan: fc.Arbitrary<Plan> = fc
  .uniqueArray(id, { minLength: 1, maxLength: 5, selector: text => text.toLowerCase() })
  .chain(ids => fc.tuple(...ids.map((taskId, index) => task(taskId, ids.slice(0, index)))))
  // All numbered, each behind what it may depend on, or none.
  .chain(tasks =>
    fc
      .boolean()
      .map(numbered => tasks.map((each, index) => (numbered ? { ...each, wave: index >> 1 } : each))),
  )
  .chain(tasks =>
    fc.record({
      name: words,
      maxParallel: fc.integer({ min: 1, max: 1000 }),
      heartbeatTimeoutMs: duration,
      onFailure: fc.constantFrom('continue', 'stop', 'retry'),
      schedule: fc.constantFrom('dag', 'waves'),
      onConflict: fc.constantFrom('wait', 'abort', undefined),
      limits: fc.dictionary(
        words.filter(type => type !== '__proto__'),
        fc.integer({ min: 1, max: 9 }),
        { maxKeys: 2, noNullPrototype: true },
      ),
      tasks: fc.constant(tasks),
    }),
  )
  .map(({ name, tasks, limits, ...settings }): Plan => ({
    ...{ format: 'native', version: 1, name, tasks, limits, groups: [], tick: false },
    settings: { ...settings, backoffFirstMs: 1000, backoffLongestMs: 300_000 },
  }));

describe('a plan as YAML of our own format', () => {
  test('is the same plan when it is read back', () => {
    fc.assert(
      fc.property(plan, made => {
        expect(plain(readBack(made))).toEqual(plain(made));
      }),
      { numRuns: 100 },
    );
  });

  test('leaves out what is done, and what depends on it waits no more', () => {
    const work: Work = { kind: 'shell', command: 'make' };
    const common = {
      title: 't',
      files: [],
      access: 'write',
      priority: 2,
      env: {},
      work,
      timeoutMs: 1000,
      retries: 0,
    } as const;
    const made: Plan = {
      ...{ format: 'conductor', version: 1, name: 'n', track: 'n', limits: {}, groups: [], tick: true },
      tasks: [
        { ...common, id: 'a' as TaskId, dependsOn: [], done: true, files: [] },
        { ...common, id: 'b' as TaskId, dependsOn: ['a' as TaskId], done: false, files: [] },
      ],
      settings: {
        ...{ maxParallel: 5, heartbeatTimeoutMs: 1000, onFailure: 'continue', schedule: 'dag' },
        ...{ backoffFirstMs: 1000, backoffLongestMs: 300_000 },
      },
    };
    expect(readBack(made).tasks.map(({ id: left, dependsOn }) => [left, dependsOn])).toEqual([['b', []]]);
    expect(printPlan(made, 'yaml')).toContain('# Left out, since they are done: a.');
  });

  test('holds all of a wave but its number and its name for the format', () => {
    const tasks = [
      {
        taskId: 'task-1',
        model: 'opus',
        needsCodexReview: true,
        context: {
          ...{ description: 'Do it', instructions: 'Now.\nAt once.', targetFiles: ['a.ts', 'b/'] },
          ...{ type: 'Research', constraints: { maxReadFiles: 3 }, more: [1, { x: null }] },
        },
      },
      { taskId: 'task-2', context: { description: 'Then this' }, dependencies: ['task-1'] },
    ];
    const read = readPlan({ text: JSON.stringify({ wave: 3, tasks, maxParallel: 2 }), file: 'x.json' });
    const made = read.ok ? resolvePlan(read.value.plan, {}, {}) : read;
    if (!made.ok) throw new Error(made.error.map(each => each.message).join('\n'));
    expect(made.value.tasks[0]?.review).toBeDefined();
    expect(plain(readBack(made.value))).toEqual(
      plain({ ...made.value, format: 'native', name: 'x', wave: undefined }),
    );
  });

  test('holds all of a tasks file but its groups and what is vital', () => {
    const text =
      '# Tasks: x\n## P0\n### T001: a\n**Files**: a.ts (new)\n- [ ] "do" it\n## P3\n### T002: b\n**Type**: Read\n**Files**: a.ts\n**Depends**: T001\n';
    const read = readPlan({ text, file: 'tasks.md' });
    const made = read.ok ? resolvePlan({ ...read.value.plan, workspace: '/r/s' }, {}, {}) : read;
    if (!made.ok) throw new Error(made.error.map(each => each.message).join('\n'));
    expect(made.value.tasks.map(({ wave }) => wave)).toEqual([0, 1]);
    const { vital: _, ...settings } = made.value.settings;
    expect(plain(readBack(made.value))).toEqual(
      plain({ ...made.value, format: 'native', groups: [], workspace: undefined, settings }),
    );
  });

  test('a script of several lines stays readable', () => {
    const [first] = fc.sample(plan, { numRuns: 1, seed: 1 });
    const base = first?.tasks[0];
    if (first === undefined || base === undefined) throw new Error('no plan was made');
    const work: Work = { kind: 'shell', command: 'set -e\n\nmake "all"\n' };
    const text = printPlan({ ...first, tasks: [{ ...base, dependsOn: [], work }] }, 'yaml');
    expect(text).toContain('    command: |\n      set -e\n\n      make "all"\n');
  });
});
