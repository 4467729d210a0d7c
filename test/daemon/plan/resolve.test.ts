import { describe, expect, test } from '@jest/globals';
import { planSchema, type AskedPlan, type Plan, type Work } from '../../../bus-schema/plan.js';
import type { RunOptions } from '../../../bus-schema/command.js';
import type { Config } from '../../../bus-schema/config.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { programsOf, resolvePlan } from '../../../daemon/plan/resolve.js';
import { native, said, valueOf } from './said.js';

const conductor = (file = '/r/conductor/tracks/t1/plan.md'): AskedPlan =>
  valueOf(
    readPlan({
      text: '# P\n```yaml\ndag: {nodes: [{id: "1.1", name: First}]}\n```\n- [x] Task 1.1: a\n',
      file,
    }),
  ).plan;

const resolve = (asked: AskedPlan, options: RunOptions = {}, config: Config = {}): Plan =>
  valueOf(resolvePlan(asked, options, config));
const workOf = (asked: AskedPlan, options: RunOptions = {}, config: Config = {}): Work | undefined =>
  resolve(asked, options, config).tasks[0]?.work;
const refused = (asked: AskedPlan, options: RunOptions = {}, config: Config = {}): string[] =>
  said(resolvePlan(asked, options, config));

const COMMAND = 'tasks: [{id: a, command: make}]';

describe('precedence: flag, task, settings, config, default', () => {
  const bare = native(COMMAND);
  const withSettings = native(
    `settings: {timeout: 2m, retries: 7, max_parallel: 9, on_failure: stop}\n${COMMAND}`,
  );
  const withTask = native(
    'settings: {timeout: 2m, retries: 7}\ntasks: [{id: a, command: make, timeout: 1m, retries: 0}]',
  );
  const config: Config = { timeout: 3000, retries: 4, on_failure: 'stop', heartbeat_timeout: 5000 };

  test.each<[string, AskedPlan, RunOptions, Config, number]>([
    ['flag', withTask, { timeoutMs: 1 }, config, 1],
    ['task', withTask, {}, config, 60_000],
    ['settings', withSettings, {}, config, 120_000],
    ['config', bare, {}, config, 3000],
    ['default', bare, {}, {}, 1_800_000],
  ])('timeout by %s', (_name, asked, options, with_, ms) => {
    expect(resolve(asked, options, with_).tasks[0]?.timeoutMs).toBe(ms);
  });

  test.each<[string, AskedPlan, RunOptions, Config, number]>([
    ['task', withTask, { onFailure: 'retry' }, config, 0],
    ['settings', withSettings, { onFailure: 'retry' }, config, 7],
    ['config', bare, { onFailure: 'retry' }, config, 4],
    ['on_failure: retry', bare, { onFailure: 'retry' }, {}, 3],
    ['default', bare, {}, {}, 2],
  ])('retries by %s', (_name, asked, options, with_, retries) => {
    expect(resolve(asked, options, with_).tasks[0]?.retries).toBe(retries);
  });

  test.each<[string, AskedPlan, RunOptions, number | undefined, number]>([
    ['flag', withSettings, { maxParallel: 3 }, undefined, 3],
    ['flag, whatever the daemon caps', withSettings, { maxParallel: 30 }, 8, 30],
    ['settings', withSettings, {}, undefined, 9],
    ['settings, whatever the daemon caps', withSettings, {}, 8, 9],
    ['the config', bare, {}, 12, 12],
    ['default', bare, {}, undefined, 5],
  ])('parallelism by %s', (_name, asked, options, cap, count) => {
    const with_: Config = cap === undefined ? {} : { parallelism: { maxParallelTasks: cap } };
    expect(resolve(asked, options, with_).settings.maxParallel).toBe(count);
  });

  test('the other settings', () => {
    expect(resolve(bare, {}, config).settings).toMatchObject({
      onFailure: 'stop',
      heartbeatTimeoutMs: 5000,
      schedule: 'dag',
    });
    expect(resolve(withSettings, { onFailure: 'continue' }).settings.onFailure).toBe('continue');
  });
});

describe('what is run', () => {
  test('a command, and the flag that replaces every one', () => {
    expect(workOf(native(COMMAND))).toEqual({ kind: 'shell', command: 'make' });
    expect(workOf(native(COMMAND), { command: 'true' })).toEqual({ kind: 'shell', command: 'true' });
    expect(workOf(conductor(), { command: 'true' })).toEqual({ kind: 'shell', command: 'true' });
  });

  test('claude is told the track and the task of a conductor plan', () => {
    expect(workOf(conductor())).toMatchObject({
      kind: 'agent',
      agent: 'claude',
      argv: ['claude', '--print', '/task-worker t1 1.1'],
      prompt: '/task-worker t1 1.1',
      promptBy: 'argv',
    });
    expect(workOf(conductor('x.md'))).toMatchObject({ prompt: '/task-worker P 1.1' });
  });

  test.each([
    ['claude', ['claude', '--print', 'P'], 'ANTHROPIC_API_KEY'],
    ['codex', ['codex', 'exec', 'P'], 'OPENAI_API_KEY'],
    ['gemini', ['gemini', '--prompt=P'], 'GEMINI_API_KEY'],
    ['opencode', ['opencode', 'run', 'P'], 'OPENAI_API_KEY'],
  ])('%s', (agent, argv, variable) => {
    const work = workOf(native(`tasks: [{id: a, agent: ${agent}, prompt: P}]`), {}, { agent_env: ['EXTRA'] });
    expect(work).toMatchObject({ argv, env: expect.arrayContaining([variable, 'EXTRA']) });
  });

  test('the flag names the agent before the task, the task before the config', () => {
    const asked = native('tasks: [{id: a, agent: claude, model: opus, prompt: P}]');
    expect(workOf(asked, {}, { agent: 'codex' })).toMatchObject({
      argv: ['claude', '--print', '--model', 'opus', 'P'],
    });
    // Another agent does not know this one's models.
    expect(workOf(asked, { agent: 'codex' })).toMatchObject({ argv: ['codex', 'exec', 'P'] });
    expect(workOf(native('tasks: [{id: a, title: Do it}]'), {}, { agent: 'codex' })).toMatchObject({
      argv: ['codex', 'exec', 'Do it'],
    });
  });

  test('an agent of the config, also under the name of a known one', () => {
    const agents = {
      claude: { command: ['mine', '{task}', '{title}', '{track}/{name}', '{prompt}'], env: ['KEY'] },
    };
    expect(workOf(conductor(), {}, { agents })).toMatchObject({
      argv: ['mine', '1.1', 'First', 't1/P', '/task-worker t1 1.1'],
      env: ['KEY'],
    });
  });

  test('the programs to look for', () => {
    const asked = native(
      'tasks: [{id: a, command: make}, {id: b, agent: codex, prompt: P}, {id: c, agent: codex, prompt: P}]',
    );
    expect(programsOf(resolve(asked))).toEqual(['codex']);
  });
});

describe('refused', () => {
  test.each<[string, AskedPlan, RunOptions, Config, string]>([
    [
      'no work',
      native('tasks: [{id: a}, {id: b}]'),
      {},
      {},
      '-: error: each of the tasks a, b has neither a command nor an agent. Give it one in the plan, or use --agent or --command.',
    ],
    [
      'a prompt for nobody',
      native('tasks: [{id: a, prompt: P}]'),
      {},
      {},
      '-: error: task a has a prompt but no agent. Give it one in the plan, or use --agent or --command.',
    ],
    [
      'an unknown agent',
      native('tasks: [{id: a, agent: cluade, prompt: P}]'),
      {},
      {},
      '-: error: task a needs agent "cluade", which is not known. Did you mean claude?',
    ],
    [
      'an agent by a name that every object has',
      conductor('/r/p.md'),
      { agent: 'constructor' },
      {},
      '/r/p.md: error: task 1.1 needs agent "constructor", which is not known. Known are claude, codex, gemini, opencode; others are described in the config under agents.',
    ],
    [
      'an unknown placeholder',
      conductor('x.md'),
      {},
      { agents: { claude: { command: ['c', '{promt}'], env: [] } } },
      '-: error: task 1.1 needs agent claude, whose command has an unknown placeholder {promt}. Did you mean prompt?',
    ],
    [
      'a template without a program',
      conductor('x.md'),
      {},
      { agents: { claude: { command: ['{prompt}'], env: [] } } },
      '-: error: task 1.1 needs agent claude, whose command begins with a prompt or a model. Begin it with a program.',
    ],
  ])('%s', (_name, asked, options, config, message) => {
    expect(refused(asked, options, config)).toEqual([message]);
  });

  test('many tasks with one trouble are told in one line', () => {
    const asked = native(`tasks: [${Array.from({ length: 9 }, (_, i) => `{id: t${i}}`).join(', ')}]`);
    expect(refused(asked)[0]).toContain('each of the tasks t0, t1, t2, t3, t4 (and 4 more) has neither');
  });
});

test('done tasks stay done, unless everything is to be run afresh', () => {
  expect(resolve(conductor()).tasks[0]?.done).toBe(true);
  expect(resolve(conductor(), { fresh: true }).tasks[0]?.done).toBe(false);
});

test('boxes are ticked in a conductor plan that is a file', () => {
  expect(resolve(conductor()).tick).toBe(true);
  expect(resolve(conductor(), { noTick: true }).tick).toBe(false);
  expect(resolve(conductor('-')).tick).toBe(false);
  expect(resolve({ ...native(COMMAND), source: '/r/p.yaml' }).tick).toBe(false);
});

test('what comes out fits the schema of plan.json', () => {
  for (const asked of [conductor(), native(COMMAND)]) {
    expect(planSchema.safeParse(JSON.parse(JSON.stringify(resolve(asked)))).error?.issues).toBeUndefined();
  }
});
