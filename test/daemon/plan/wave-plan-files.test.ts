import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import type { Plan } from '../../../bus-schema/plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { wavesOf } from '../../../daemon/plan/waves.js';
import { said, valueOf } from './said.js';

const read = (text: string): ReturnType<typeof readPlan> => readPlan({ text, file: 'plan.md' });
const formatOf = (text: string): string => {
  const result = read(text);
  return result.ok ? result.value.plan.format : said(result).join('\n');
};
const resolve = (text: string): Plan => valueOf(resolvePlan(valueOf(read(text)).plan, {}, {}));
const warned = (text: string): string[] => valueOf(read(text)).warnings.map(formatDiagnostic);
const refused = (text: string): string[] => said(readPlan({ text, file: 'plan.md', format: 'wave' }));
const promptOf = (plan: Plan, index: number): string => {
  const work = plan.tasks[index]?.work;
  return work?.kind === 'agent' ? work.prompt : '';
};

const FRONT_MATTER = `# docs/plans/2026-11-21-login-plan.md
---
tasks:
  - id: task-1
    description: "Make the form"
    targetFiles: ["src/form.ts"]
    instructions: |
      Make a form.
        - with two fields
      agent: and prompt: are words here
    dependencies: []
  - id: task-2
    description: "Check what it sends"
    targetFiles:
      - src/check.ts
    instructions: Refuse an empty name.
    dependencies: [task-1]
---

# The login

- [ ] Task 9: this is prose
`;

const NUMBERED = `---
tasks:
  - id: 1
    description: Look around
    subagent_type: Explore
    prompt: |
      Find where logins are handled.
    dependencies: []
    run_in_background: true
  - id: 2
    description: Write it down
    subagent_type: general-purpose
    prompt: Write notes.md.
    model: haiku
    dependencies: [1]
---
`;

const MARKDOWN = `# Login

Some words.

## Tasks

### Task 1: Make the form

- **Files:** src/form.ts, \`src/field.ts:10-20\`
- **Dependencies:** none
- **Complexity:** easy
- **Instructions:**
  Make a form.

  \`\`\`ts
  ### Task 7: no task
  - **Files:** none.ts
  \`\`\`
  - **Files:** are not to be moved

---

### Task 2: Check what it sends
- **Files:**
  - src/check.ts
- **Dependencies:** Task 1
- **Complexity:** hard (it is about security)
- **Instructions:** Refuse an empty name.
  And one of blanks.

### Task 3: Say so
- **Dependencies:** none
- **Complexity:** medium
- **Note:** in the notes only
- **Instructions:** Write it down.

## Dependency Graph

\`\`\`
Task 1 → Task 2
Task 1, Task 2 -> Task 3
\`\`\`

## Risks

None.
`;

describe('a plan file with its tasks in front matter', () => {
  test('is a wave', () => {
    const plan = resolve(FRONT_MATTER);
    expect(warned(FRONT_MATTER)).toEqual([]);
    expect(plan).toMatchObject({ format: 'wave', name: 'The login' });
    expect(plan.tasks).toMatchObject([
      { id: 'task-1', title: 'Make the form', files: ['src/form.ts'], dependsOn: [], answers: true },
      { id: 'task-2', title: 'Check what it sends', files: ['src/check.ts'], dependsOn: ['task-1'] },
    ]);
    expect(promptOf(plan, 0)).toContain(
      'Make a form.\n  - with two fields\nagent: and prompt: are words here',
    );
  });

  test('and so is one with Windows line ends, whose places count from the beginning of the file', () => {
    const text = FRONT_MATTER.replaceAll('\n', '\r\n');
    expect(resolve(text).tasks.map(({ id }) => id)).toEqual(['task-1', 'task-2']);
    expect(refused(text.replace('[task-1]', '[task-7]'))).toEqual([
      expect.stringMatching(/^plan\.md:17:20: error: task task-2 depends on "task-7"/),
    ]);
  });

  test('may number its tasks, name kinds of agents and have prompts', () => {
    const plan = resolve(NUMBERED);
    expect(warned(NUMBERED)).toEqual([]);
    expect(plan.tasks).toMatchObject([
      { id: '1', dependsOn: [] },
      {
        id: '2',
        dependsOn: ['1'],
        work: { argv: ['claude', '--print', '--model', 'haiku', promptOf(plan, 1)] },
      },
    ]);
    expect(promptOf(plan, 0)).toContain('Work as Explore.\n\nInstructions:\nFind where logins are handled.');
  });

  test('may be all of a file', () => {
    expect(formatOf(NUMBERED.replaceAll('---\n', ''))).toBe('wave');
    expect(formatOf('tasks:\n  - { id: a, targetFiles: [x.ts], description: d }\n')).toBe('wave');
  });
});

describe('a plan file with a section a task', () => {
  test('is a wave', () => {
    const plan = resolve(MARKDOWN);
    expect(warned(MARKDOWN)).toEqual([]);
    expect(plan).toMatchObject({ format: 'wave', name: 'Login' });
    expect(plan.tasks).toMatchObject([
      { id: 'task-1', title: 'Make the form', files: ['src/form.ts', 'src/field.ts'], dependsOn: [] },
      { id: 'task-2', title: 'Check what it sends', files: ['src/check.ts'], dependsOn: ['task-1'] },
      { id: 'task-3', title: 'Say so', files: [], dependsOn: ['task-1', 'task-2'] },
    ]);
    expect(wavesOf(plan.tasks)).toEqual([['task-1'], ['task-2'], ['task-3']]);
  });

  test('has its instructions whole, fences and all', () => {
    const plan = resolve(MARKDOWN);
    expect(promptOf(plan, 0)).toContain(
      'Make a form.\n\n```ts\n### Task 7: no task\n- **Files:** none.ts\n```\n- **Files:** are not to be moved\n',
    );
    expect(promptOf(plan, 1)).toContain('Refuse an empty name.\nAnd one of blanks.');
    expect(promptOf(plan, 2)).toContain('- **Note:** in the notes only\nWrite it down.');
    expect(promptOf(plan, 0)).not.toContain('---');
  });

  test('says by its complexity which model is asked, and whether there is a review', () => {
    const plan = resolve(MARKDOWN);
    expect(
      plan.tasks.map(({ work, review }) => [work.kind === 'agent' && work.argv[3], review !== undefined]),
    ).toEqual([
      ['sonnet', false],
      ['opus', true],
      ['opus', false],
    ]);
  });

  test.each([
    ['easy to medium', 'medium', 'opus', false],
    ['moderate', 'hard', 'opus', true],
  ])('complexity "%s" counts as %s, with a warning', (words, taken, model, reviewed) => {
    const text = MARKDOWN.replace('hard (it is about security)', words);
    expect(warned(text)).toEqual([
      `plan.md:27:1: warning: task 2: complexity "${words}" is not one of easy, medium, hard. It counts as ${taken}.`,
    ]);
    const [, task] = resolve(text).tasks;
    expect(task?.work).toMatchObject({ argv: expect.arrayContaining([model]) });
    expect(task?.review !== undefined).toBe(reviewed);
  });

  test.each([
    [
      'an unknown dependency',
      ['** Task 1\n', '** Task 8\n'],
      'plan.md:26:1: error: task task-2 depends on "task-8"',
    ],
    [
      'an unknown task before an arrow',
      ['Task 1 →', 'Task 8 →'],
      'plan.md:40:1: error: task task-2 depends on "task-8"',
    ],
    [
      'an unknown task behind an arrow',
      ['→ Task 2', '→ Task 8'],
      'plan.md:40:1: error: the dependency graph names task 8',
    ],
    ['a circle', ['Task 1 →', 'Task 3 →'], 'in a circle: task-2 → task-3 → task-2'],
    [
      'a task told twice',
      ['### Task 3', '### Task 1'],
      'plan.md:31:1: error: task id task-1 is used more than once',
    ],
    [
      'a file elsewhere',
      ['- src/check.ts', '- ../check.ts'],
      'plan.md:25:3: error: task 2: files: "../check.ts" leaves',
    ],
  ])('%s is refused', (_name, [from = '', to = ''], message) => {
    expect(refused(MARKDOWN.replace(from, to)).join('\n')).toContain(message);
  });

  test('a remark among dependencies is told of', () => {
    expect(warned(MARKDOWN.replace('** Task 1\n', '** Task 1, the design\n'))).toEqual([
      'plan.md:26:1: warning: task 2: "the design" names no task and is passed over. Put remarks in parentheses.',
    ]);
  });
});

describe('what looks like a wave and is none', () => {
  const conductorTask = '### Task 1: Make it\n\n- **Files:** src/a.ts\n';
  test.each([
    ['tasks without a complexity', `# P\n\n${conductorTask}`, 'conductor'],
    ['a complexity in other words', `# P\n\n${conductorTask}- **Complexity:** O(n)\n`, 'conductor'],
    [
      'a complexity beside boxes of tasks',
      `# P\n\n- [ ] Task 1: Make it\n\n${conductorTask}- **Complexity:** hard\n`,
      'conductor',
    ],
    [
      'a complexity beside a DAG',
      `# P\n\n\`\`\`yaml\ndag:\n  nodes: [{ id: "1" }]\n\`\`\`\n\n${conductorTask}- **Complexity:** hard\n`,
      'conductor',
    ],
    ['front matter about a plan', `---\ntasks: 4\ntitle: P\n---\n\n${conductorTask}`, 'conductor'],
    ['a fenced sample', `# P\n\n\`\`\`yaml\n${NUMBERED}\`\`\`\n\n${conductorTask}`, 'conductor'],
    [
      'a dispatch file whose prompt shows a wave',
      'tasks:\n  - id: a\n    agent: x\n    prompt: |\n      tasks:\n      - taskId: b\n        targetFiles: []\n',
      'dispatch',
    ],
    ['JSON of agents', '{"tasks": [{"id": "a", "agent": "x", "prompt": "\\"taskId\\": 1"}]}', 'dispatch'],
    ['a plan of ours', 'signalbox: 1\ntasks:\n  - { id: a, command: "true" }\n', 'native'],
  ])('%s', (_name, text, format) => {
    expect(formatOf(text)).toBe(format);
  });

  test('with --format wave, the message says what was looked for', () => {
    expect(refused('# Notes\n')).toEqual([
      'plan.md: error: this is no wave: neither JSON with tasks, nor a top-level tasks: key (YAML, or front matter between two lines ---), nor a heading such as "### Task 1: …" was found. Give each task a taskId or an id, or a heading of its own.',
    ]);
  });

  const corpus = process.env.SIGNALBOX_FIXTURES;
  if (corpus === undefined || !existsSync(dirname(corpus))) {
    test.skip('plans from the wild: SIGNALBOX_FIXTURES names no folder', () => undefined);
  } else {
    test.each(readdirSync(join(corpus, 'conductor')).filter(file => file.endsWith('.plan.md')))(
      '%s',
      file => {
        expect(formatOf(readFileSync(join(corpus, 'conductor', file), 'utf8'))).toBe('conductor');
      },
    );
  }
});

test.each([FRONT_MATTER, NUMBERED, MARKDOWN])(
  'damaged files are read or refused, and nothing is thrown',
  whole => {
    const splinter = fc.oneof(
      fc.constantFrom(
        '---\n',
        '### Task 2: ',
        '\n',
        '- ',
        '**Files:** ',
        ' → ',
        '```',
        '- **Instructions:**',
        '[',
        '{',
        ': ',
        'Task 1-3',
      ),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(9), splinter), { minLength: 1, maxLength: 6 }),
        damages => {
          let text = whole;
          for (const [where, length, put] of damages) {
            const at = where % (text.length + 1);
            text = text.slice(0, at) + put + text.slice(at + length);
          }
          for (const format of ['wave', undefined] as const) {
            const result = readPlan({ text, file: 'f', format });
            expect(result.ok || result.error.some(({ severity }) => severity === 'error')).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

describe('a long text takes a time that grows with its length only', () => {
  const MANY = 200_000;
  test.each([
    ['a heading', MARKDOWN.replace('Make the form', ' #'.repeat(MANY))],
    ['a label', MARKDOWN.replace('- **Files:** src', `${' '.repeat(MANY)}- **Files:** src`)],
    ['arrows', MARKDOWN.replace('Task 1 →', '-'.repeat(MANY))],
    ['a graph of one edge', MARKDOWN.replace('Task 1 → Task 2', 'Task 1 → Task 2\n'.repeat(MANY / 10))],
    ['a complexity', MARKDOWN.replace('easy', '('.repeat(MANY))],
    ['blank lines', MARKDOWN.replace('Make a form.', `${' '.repeat(99)}\n`.repeat(MANY / 20))],
    ['dashes', '---\n'.repeat(MANY)],
    ['many tasks', `---\ntasks:\n${'  - id: 1\n    targetFiles: [a]\n'.repeat(2000)}---\n`],
    ['braces', `tasks:\n  - ${'{ a '.repeat(MANY)}\n`],
  ])('%s', (_name, text) => {
    for (const line of said(readPlan({ text, file: 'f', format: 'wave' })))
      expect(line.length).toBeLessThan(700);
    expect(formatOf(text).length).toBeGreaterThan(0);
  });

  test('files that many tasks share', () => {
    const tasks = Array.from({ length: 20_000 }, (_, i) => ({
      taskId: `t${i}`,
      targetFiles: [`f${i}/*`, 'same'],
    }));
    const result = readPlan({ text: JSON.stringify({ tasks }), file: 'f' });
    expect(valueOf(result).plan.tasks).toHaveLength(20_000);
  });
});
