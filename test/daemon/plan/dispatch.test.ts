import { describe, expect, test } from '@jest/globals';
import type { RunOptions } from '../../../bus-schema/command.js';
import type { Config } from '../../../bus-schema/config.js';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { planSchema, type Plan } from '../../../bus-schema/plan.js';
import { runOptionsOf } from '../../../daemon/cli/flags.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { programsOf, resolvePlan } from '../../../daemon/plan/resolve.js';
import { wavesOf } from '../../../daemon/plan/waves.js';
import { ARCHITECTURE_REVIEW, CODE_REVIEW, DOC_GENERATION } from '../../e2e/dispatch-texts.js';
import { said, valueOf } from './said.js';

const read = (text: string): ReturnType<typeof readPlan> => readPlan({ text, file: 'tasks.yaml' });
const resolve = (text: string, options: RunOptions = {}, config: Config = {}): Plan =>
  valueOf(resolvePlan(valueOf(read(text)).plan, options, config));

/** A file with one task, its keys as they are written. */
const one = (task: string, more = ''): string => `tasks:\n  - { ${task} }\n${more}`;
const TASK = 'id: a, agent: critic, prompt: P';
const refused = (text: string): string[] => said(readPlan({ text, file: 'tasks.yaml', format: 'dispatch' }));
const warned = (text: string): string[] => valueOf(read(text)).warnings.map(formatDiagnostic);

describe('the three sample files', () => {
  test('a review with a synthesis at the end', () => {
    const plan = resolve(ARCHITECTURE_REVIEW);
    expect(plan).toMatchObject({ format: 'dispatch', name: 'architecture-review', tick: false });
    expect(plan.settings).toMatchObject({ maxParallel: 3, onFailure: 'continue', schedule: 'dag' });
    expect(wavesOf(plan.tasks)).toEqual([['security-review', 'test-review', 'ops-review'], ['synthesis']]);
    expect(plan.tasks.map(task => [task.output, task.asked, task.timeoutMs, task.retries])).toEqual([
      [
        '.aiwg/working/reviews/security.md',
        { agent: 'security-architect', output: 'reviews/security.md' },
        ...[120_000, 0],
      ],
      [
        '.aiwg/working/reviews/testability.md',
        { agent: 'test-architect', output: 'reviews/testability.md' },
        ...[120_000, 0],
      ],
      [
        '.aiwg/working/reviews/operations.md',
        { agent: 'devops-engineer', output: 'reviews/operations.md' },
        ...[120_000, 0],
      ],
      [
        '.aiwg/working/reviews/final-review.md',
        { agent: 'documentation-synthesizer', output: 'final-review.md' },
        ...[120_000, 0],
      ],
    ]);
    expect(plan.tasks[0]?.work).toMatchObject({
      kind: 'agent',
      agent: 'security-architect',
      argv: [
        ...['claude', '--print', '--agent', 'security-architect'],
        'Review architecture at .aiwg/architecture/sad.md for security',
      ],
      promptBy: 'argv',
    });
    expect(programsOf(plan)).toEqual(['claude']);
    expect(planSchema.safeParse(JSON.parse(JSON.stringify(plan))).error?.issues).toBeUndefined();
  });

  test('a pipeline without settings has the defaults', () => {
    const plan = resolve(CODE_REVIEW);
    expect(plan.settings).toMatchObject({ maxParallel: 4, onFailure: 'continue', schedule: 'dag' });
    expect(plan.tasks.at(-1)).toMatchObject({
      dependsOn: ['security-scan', 'code-quality', 'test-coverage'],
      output: '.aiwg/working/pr-review.md',
      timeoutMs: 120_000,
      retries: 0,
    });
  });

  test('outputs that are folders stay folders', () => {
    expect(resolve(DOC_GENERATION).tasks.map(task => task.output)).toEqual([
      '.aiwg/working/api/',
      '.aiwg/working/user-guide/',
      '.aiwg/working/architecture/',
    ]);
  });

  test.each([ARCHITECTURE_REVIEW, CODE_REVIEW, DOC_GENERATION])('are read without a warning', text => {
    expect(warned(text)).toEqual([]);
  });
});

describe('what is taken for such a file', () => {
  test.each([
    ['JSON', '{"tasks": [{"id": "a", "agent": "critic", "prompt": "P"}]}'],
    ['quoted keys', '"tasks":\n  - "id": a\n    "agent": critic\n    "prompt": P\n'],
    [
      'a prompt that shows a DAG block',
      'tasks:\n- id: a\n  agent: x\n  prompt: |\n    ```yaml\n    dag:\n    ```\n',
    ],
    ['a prompt that shows our own mark', 'tasks:\n- id: a\n  agent: x\n  prompt: |\n    signalbox: 1\n'],
    ['a task without an agent among others', `${one(TASK)}  - { id: b, prompt: P }\n`],
  ])('%s', (_name, text) => {
    const result = read(text);
    const about = result.ok ? result.value.plan.format : said(result).join('\n');
    expect(about).toMatch(/^dispatch$|task b: it has no agent/);
  });

  test.each([
    ['a plan of ours', `signalbox: 1\n${one('id: a, agent: claude, prompt: P')}`, 'native'],
    ['tasks of another tool', 'version: 3\ntasks:\n  build:\n    cmds: [make]\n', undefined],
    ['JSON of another tool', '{"tasks": [{"label": "x"}]}', undefined],
    ['a sample in Markdown', `# How to\n\n\`\`\`yaml\n${one(TASK)}\`\`\`\n`, undefined],
  ])('but not %s', (_name, text, format) => {
    const result = read(text);
    expect(result.ok ? result.value.plan.format : undefined).toBe(format);
  });
});

describe('who is called', () => {
  const argvOf = (options: RunOptions, config: Config): string[] => {
    const work = resolve(one(TASK), options, config).tasks[0]?.work;
    return work?.kind === 'agent' ? work.argv : ['sh', work?.command ?? ''];
  };
  const agents = {
    critic: { command: ['review', '{prompt}'], env: [] },
    other: { command: ['other', '{agent}', '{prompt}'], env: [] },
  };

  test.each<[string, RunOptions, Config, string[]]>([
    ['the role, by the format’s own call', {}, {}, ['claude', '--print', '--agent', 'critic', 'P']],
    ['an agent of the config by the role’s name', {}, { agents, agent: 'other' }, ['review', 'P']],
    [
      'the config’s agent, told the role',
      {},
      { agents: { other: agents.other }, agent: 'other' },
      ['other', 'critic', 'P'],
    ],
    ['the flag’s agent', { agent: 'codex' }, { agents }, ['codex', 'exec', 'P']],
    ['a command instead', { command: 'make', agent: 'codex' }, { agents }, ['sh', 'make']],
  ])('%s', (_name, options, config, argv) => {
    expect(argvOf(options, config)).toEqual(argv);
  });

  test('the role keeps its name in the report, whoever is called', () => {
    expect(resolve(one(TASK), { command: 'make' }).tasks[0]?.asked).toEqual({ agent: 'critic' });
  });

  test('the variables of claude, and what every agent gets', () => {
    const work = resolve(one(TASK), {}, { agent_env: ['EXTRA'] }).tasks[0]?.work;
    expect(work).toMatchObject({ env: expect.arrayContaining(['ANTHROPIC_API_KEY', 'EXTRA']) });
  });
});

describe('settings', () => {
  const SETTINGS =
    'settings: { max_parallel: 7, timeout_per_task: 5000, output_dir: out/, on_failure: retry }\n';
  const text = one(`${TASK}, output: x.md`, SETTINGS);

  test('of the file, and 3 retries where they are asked for', () => {
    const plan = resolve(text);
    expect(plan.settings).toMatchObject({ maxParallel: 7, onFailure: 'retry' });
    expect(plan.tasks[0]).toMatchObject({ timeoutMs: 5000, retries: 3, output: 'out/x.md' });
  });

  test('a flag wins', () => {
    const plan = resolve(text, { maxParallel: 2, timeoutMs: 9, outputDir: '/abs', onFailure: 'stop' });
    expect(plan.settings).toMatchObject({ maxParallel: 2, onFailure: 'stop' });
    expect(plan.tasks[0]).toMatchObject({ timeoutMs: 9, retries: 0, output: '/abs/x.md' });
  });

  test('flags as they are given to the system that the format comes from', () => {
    expect(resolve(CODE_REVIEW, valueOf(runOptionsOf({ maxParallel: '4' }))).settings.maxParallel).toBe(4);
    const flags = { timeout: '300000', output: '.aiwg/working/build/' };
    expect(resolve(DOC_GENERATION, valueOf(runOptionsOf(flags))).tasks[0]).toMatchObject({
      timeoutMs: 300_000,
      output: '.aiwg/working/build/api/',
    });
  });

  test('only an absolute --output leaves the repo', () => {
    const { plan } = valueOf(read(text));
    expect(said(resolvePlan(plan, { outputDir: '../elsewhere' }, {}))).toEqual([
      '--output: error: "../elsewhere" is not inside the repo. Name a folder of the repo, or give the absolute path of one outside of it.',
    ]);
  });
});

describe('refused, with the place', () => {
  test.each([
    ['no tasks', 'name: x\n', ['tasks.yaml:1:1: error: the plan has no tasks']],
    ['no id', one('agent: x, prompt: P'), ['task number 1: it has no id']],
    [
      'a number for an id',
      one('id: 1.10, agent: x, prompt: P'),
      ['must be text, not the number 1.10, which becomes 1.1. Quote it: "1.10"'],
    ],
    ['no agent and no prompt', one('id: a'), ['task a: it has no agent', 'task a: it has no prompt']],
    ['an empty prompt', one('id: a, agent: x, prompt: " "'), ['prompt is empty']],
    ['an agent like an option', one('id: a, agent: --all, prompt: P'), ['begins with a dash']],
    [
      'an output outside',
      one(`${TASK}, output: ../x.md`),
      ['tasks.yaml:2:', 'output "../x.md" is not inside the repo'],
    ],
    ['an absolute output', one(`${TASK}, output: /etc/x`), ['output "/etc/x" is not inside the repo']],
    [
      'an output folder outside',
      one(TASK, 'settings: { output_dir: /x }\n'),
      ['settings: output_dir "/x" is not inside'],
    ],
    ['itself', one(`${TASK}, dependencies: [a]`), ['task a depends on itself. Take it out of dependencies']],
    [
      'an unknown task',
      one(`${TASK}, dependencies: [b]`),
      ['tasks.yaml:2:55: error: task a depends on "b", which is not in the plan'],
    ],
    [
      'the same id twice',
      `${one(TASK)}  - { ${TASK} }\n`,
      ['used more than once: first here', 'used more than once: again here'],
    ],
    [
      'a circle',
      `${one(`${TASK}, dependencies: [b]`)}  - { id: b, agent: x, prompt: P, dependencies: [a] }\n`,
      ['in a circle: a → b → a'],
    ],
    ['no number', one(TASK, 'settings: { max_parallel: many }\n'), ['max_parallel must be a whole number']],
    [
      'no time at all',
      one(TASK, 'settings: { timeout_per_task: 0 }\n'),
      ['timeout_per_task: "0" is no time at all'],
    ],
    [
      'an unknown way to fail',
      one(TASK, 'settings: { on_failure: stopp }\n'),
      ['on_failure must be one of', 'Did you mean stop?'],
    ],
  ])('%s', (_name, text, parts) => {
    const lines = refused(text).join('\n');
    for (const part of parts) expect(lines).toContain(part);
  });

  test('everything at once', () => {
    const text = one('id: 7, prompt: ""', 'settings: { max_parallel: 0, on_failure: never }\n');
    expect(refused(text).filter(line => line.includes(': error: '))).toHaveLength(5);
  });
});

describe('let pass, with a warning', () => {
  test('keys that have no meaning here', () => {
    expect(warned(`owner: me\n${one(`${TASK}, owners: [b]`, 'settings: { colour: blue }\n')}`)).toEqual([
      expect.stringMatching(
        /^tasks\.yaml:1:1: warning: the task file: owner is not a key that is known here/,
      ),
      expect.stringMatching(/warning: task a: owners is not a key/),
      expect.stringMatching(/warning: settings: colour is not/),
    ]);
  });

  test('two tasks with one output', () => {
    const text = `${one(`${TASK}, output: x.md`)}  - { id: b, agent: x, prompt: P, output: x.md }\n`;
    expect(warned(text)).toEqual([
      'tasks.yaml:3:43: warning: tasks a and b have the same output x.md. Give each an output of its own.',
    ]);
  });
});

test.each(['depends_on', 'dependancies', 'dependsOn', 'deps'])(
  'dependencies that are called %s are refused, since passed over they would lose the order',
  key => {
    expect(refused(one(`${TASK}, ${key}: [a]`)).join('\n')).toContain(
      `error: task a: ${key} is not what this format calls dependencies. Write dependencies, or the order is lost`,
    );
  },
);
