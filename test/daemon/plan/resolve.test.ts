import { describe, expect, test } from '@jest/globals';
import { planSchema, type AskedPlan, type Plan, type Work } from '../../../bus-schema/plan.js';
import type { RunOptions } from '../../../bus-schema/command.js';
import type { Config } from '../../../bus-schema/config.js';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { cautionsOf } from '../../../daemon/plan/cautions.js';
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
  const planned = (schedule: string): AskedPlan => native(`settings: {schedule: ${schedule}}\n${COMMAND}`);
  const agents = valueOf(
    readPlan({ text: 'tasks: [{id: a, agent: critic, prompt: look}]', file: 'f.yaml', format: 'dispatch' }),
  ).plan;
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

  test.each<[string, AskedPlan, RunOptions, Config, 'dag' | 'waves']>([
    ['flag', planned('waves'), { schedule: 'dag' }, { schedule: 'waves' }, 'dag'],
    ['settings', planned('waves'), {}, { schedule: 'dag' }, 'waves'],
    ['config', bare, {}, { schedule: 'waves' }, 'waves'],
    ['config, of a plan whose format has no word for it', conductor(), {}, { schedule: 'waves' }, 'waves'],
    ['default of ours', bare, {}, {}, 'dag'],
    ['default of a conductor plan', conductor(), {}, {}, 'dag'],
    ['default of a file of agents', agents, {}, {}, 'dag'],
    ['flag, of a file of agents', agents, { schedule: 'waves' }, {}, 'waves'],
  ])('schedule by %s', (_name, asked, options, with_, schedule) => {
    expect(resolve(asked, options, with_).settings.schedule).toBe(schedule);
  });

  test('a conductor plan has its system’s defaults', () => {
    const plan = resolve(conductor());
    expect(plan.settings).toMatchObject({
      maxParallel: 5,
      heartbeatTimeoutMs: 600_000,
      onFailure: 'continue',
      schedule: 'dag',
    });
    expect(plan.tasks[0]).toMatchObject({ timeoutMs: 1_800_000, retries: 2 });
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

describe('reviews', () => {
  const asked = native(
    'tasks: [{id: a, title: Login, agent: claude, model: opus, prompt: "Make\\nit.", files: [src/], review: true}, {id: b, agent: claude, prompt: P}]',
  );
  const reviewOf = (
    options: RunOptions = {},
    config: Config = {},
    plan = asked,
  ): Plan['tasks'][0]['review'] => resolve(plan, options, config).tasks[0]?.review;

  test('are made by codex, and what they find is mended by the task’s own agent', () => {
    const review = reviewOf();
    expect(review).toMatchObject({ blockOn: 'low', rounds: 3 });
    expect(review?.review).toMatchObject({ agent: 'codex', argv: ['codex', 'exec', expect.anything()] });
    expect(review?.fix).toMatchObject({
      agent: 'claude',
      argv: ['claude', '--print', '--model', 'opus', expect.anything()],
    });
    expect(resolve(asked).tasks[1]?.review).toBeUndefined();
    expect(programsOf(resolve(asked))).toEqual(['claude', 'codex']);
  });

  test('as the config has it', () => {
    const config: Config = {
      agents: { critic: { command: ['look', '{prompt}'], env: ['KEY'] } },
      review: { agent: 'critic', fix_agent: 'gemini', rounds: 2, block_on: 'high' },
    };
    expect(reviewOf({}, config)).toMatchObject({
      ...{ blockOn: 'high', rounds: 2 },
      review: { argv: ['look', expect.anything()], env: ['KEY'] },
      fix: { agent: 'gemini' },
    });
    // The flag is about who does the tasks.
    expect(reviewOf({ agent: 'opencode' })).toMatchObject({
      review: { agent: 'codex' },
      fix: { agent: 'opencode' },
    });
  });

  test('run the command that runs everything', () => {
    const shell = { kind: 'shell', command: 'make' };
    expect(reviewOf({ command: 'make' })).toMatchObject({ review: shell, fix: shell });
    const own = native('tasks: [{id: a, command: make, review: true}]');
    expect(reviewOf({}, {}, own)).toMatchObject({ review: { agent: 'codex' }, fix: shell });
  });

  test('say what was asked, of which files, and what is wanted', () => {
    const { review, fix } = reviewOf() ?? {};
    const prompts = [review, fix].map(work => (work?.kind === 'agent' ? work.prompt : ''));
    for (const prompt of prompts)
      expect(prompt).toContain('> Make\n> it.\n\nFiles that the task names:\n- src');
    expect(prompts[0]).toMatch(/change nothing[\s\S]*"status": "approved" \| "needs_fixes", "issues": \[/);
    expect(prompts[1]).toMatch(/issues that the review found:$/);
  });

  test('are five at once, in every format', () => {
    expect(resolve(asked).limits).toEqual({ review: 5 });
    expect(resolve(asked, {}, { limits: { review: 2 } }).limits).toEqual({ review: 2 });
    expect(resolve({ ...asked, limits: { review: 1 } }, {}, { limits: { review: 2 } }).limits).toEqual({
      review: 1,
    });
    expect(resolve(native(COMMAND)).limits).toEqual({});
  });

  test('by an agent that nobody knows are refused as its work would be', () => {
    expect(refused(asked, {}, { review: { agent: 'codx', fix_agent: 'claud' } })).toEqual([
      '-: error: task a needs agent "codx", which is not known. Did you mean codex?',
      '-: error: task a needs agent "claud", which is not known. Did you mean claude?',
    ]);
    expect(refused(asked, {}, { review: { agent: 'codx', fix_agent: 'codx' } })).toHaveLength(1);
  });
});

describe('a tasks file', () => {
  const TEXT = '## P0\n### T001: a\n## P1\n### T002: b\n**Depends**: T001\n';
  const tasksFile = (text = TEXT): AskedPlan => valueOf(readPlan({ text, file: '/r/tasks.md' })).plan;
  const warned = (options: RunOptions, config: Config = {}, text = TEXT): string[] => {
    const asked = tasksFile(text);
    return cautionsOf(asked, resolve(asked, options, config), options, config).map(formatDiagnostic);
  };
  const SHORT =
    '/r/tasks.md: warning: each task has 30 s, which is too short for most agents. Give --timeout 30m, or set timeout in the config.';

  test('has its system’s defaults: five workers, 30 s, three starts, a barrier between priorities', () => {
    expect(resolve(tasksFile())).toMatchObject({
      settings: { maxParallel: 5, schedule: 'waves', onFailure: 'continue', vital: 0 },
      tasks: [
        { timeoutMs: 30_000, retries: 2, wave: 0, priority: 0, work: { agent: 'claude' } },
        { timeoutMs: 30_000, retries: 2, wave: 1, priority: 1 },
      ],
      tick: false,
    });
    expect(planSchema.safeParse(resolve(tasksFile())).success).toBe(true);
  });

  test('without P0 nothing is vital; with the schedule dag a priority is an order only', () => {
    expect(resolve(tasksFile('### T001: a\n')).settings).not.toHaveProperty('vital');
    expect(resolve(tasksFile(), { schedule: 'dag' }).settings.schedule).toBe('dag');
  });

  test('never has more than five workers, whoever asks for them', () => {
    expect(resolve(tasksFile(), { maxParallel: 9 }).settings.maxParallel).toBe(5);
    expect(resolve(tasksFile(), {}, { parallelism: { maxParallelTasks: 8 } }).settings.maxParallel).toBe(5);
    expect(resolve(tasksFile(), { maxParallel: 3 }).settings.maxParallel).toBe(3);
    expect(warned({ maxParallel: 9, timeoutMs: 1000 })).toEqual([
      '--max-parallel: warning: 9 workers are asked for, but a tasks file has 5 at most, and runs with these.',
    ]);
    expect(warned({ timeoutMs: 1000 }, { parallelism: { maxParallelTasks: 8 } })).toEqual([
      '/r/tasks.md: warning: parallelism.maxParallelTasks in the config is 8, but a tasks file has 5 at most, and runs with these.',
    ]);
    expect(warned({ maxParallel: 5, timeoutMs: 1000 })).toEqual([]);
  });

  test('warns of 30 s for an agent, unless somebody chose the time or nothing is left for an agent', () => {
    expect(warned({})).toEqual([SHORT]);
    expect(warned({ timeoutMs: 1000 })).toEqual([]);
    expect(warned({}, { timeout: 1000 })).toEqual([]);
    expect(warned({ command: 'make' })).toEqual([]);
    expect(warned({}, {}, '### ✅ T001: a\n')).toEqual([]);
  });

  test('its agents are told where the shared context stands, once there is such a place', () => {
    const prompt = (workspace?: string): string => {
      const work = workOf({ ...tasksFile(), ...(workspace === undefined ? {} : { workspace }) });
      return work?.kind === 'agent' ? work.prompt : '';
    };
    expect(prompt('/r/parallel-session')).toBe(
      `${prompt()}\nWhat is known of the code base stands in /r/parallel-session/context.json; read it first, if it is there.\n`,
    );
  });
});
