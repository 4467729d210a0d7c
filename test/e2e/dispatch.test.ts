import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { judge } from '../oracle/journal-oracle.js';
import { freshFolder } from '../fresh-folder.js';
import { NO_SAMPLES, sampleBlocks } from '../samples.js';
import { ARCHITECTURE_REVIEW, CODE_REVIEW, DOC_GENERATION } from './dispatch-texts.js';
import { journalOf, Rig, treeOf, type Call, type Ended } from './rig.js';
import { WITNESS } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

const CALLS = 'calls.log';
const OUT = '.aiwg/working';

/** An agent's program: says how it was called, then does what the test wants of this task. */
function claude(also = ':'): void {
  rig.write(
    'bin/claude',
    `#!/bin/sh\n[ "$1 $2" = "--print --agent" ] || exit 64\necho "$SIGNALBOX_TASK_ID $3" >> ${CALLS}\necho "$3 on: $4"\n${also}\n`,
    0o755,
  );
}

function run(file: string, text: string, args: readonly string[] = [], call: Call = {}): Promise<Ended> {
  rig.write(file, text);
  const path = `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}`;
  return rig.signalbox(['run', file, ...args], { ...call, env: { PATH: path, ...call.env } });
}

const ends = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));
const callsOf = (task: string): number => rig.lines(CALLS).filter(line => line.startsWith(`${task} `)).length;

function expectLawful(): void {
  for (const each of rig.runs()) expect(judge(journalOf(rig.bus), each).violations).toEqual([]);
}

/** Durations and efficiency are the machine's own. */
const timeless = (text: string): string => text.replace(/\d+\.\d(?=s)/g, 'N').replace(/\d+%/, 'N%');

describe('a file of agents, run to its end', () => {
  test('reviews side by side, the synthesis after them, each output at its place, the report on standard output', async () => {
    claude();
    const { code, stdout, stderr } = await run('tasks.yaml', ARCHITECTURE_REVIEW);
    expect({ code, ends: ends() }).toEqual({
      code: 0,
      ends: {
        ...{ 'security-review': 'complete', 'test-review': 'complete' },
        ...{ 'ops-review': 'complete', synthesis: 'complete' },
      },
    });
    expect(stderr).not.toMatch(/warning|error/);
    expect(rig.lines(CALLS).at(-1)).toBe('synthesis documentation-synthesizer');
    expect(rig.read(`${OUT}/reviews/security.md`)).toBe(
      'security-architect on: Review architecture at .aiwg/architecture/sad.md for security\n',
    );
    expect(rig.read(`${OUT}/reviews/final-review.md`)).toBe(
      'documentation-synthesizer on: Synthesize all reviews into final assessment\n',
    );
    expect(timeless(stdout)).toContain('| 1 | security, test, ops | Ns | ✓ |\n| 2 | synthesis | Ns | ✓ |\n');
    expect(timeless(stdout)).toContain(
      '| security-review | security-architect | Ns | ✓ | reviews/security.md |\n',
    );
    expect(stdout.split('## Outputs\n')[1]).toBe(
      ['security', 'testability', 'operations', 'final-review']
        .map(name => `- ${OUT}/reviews/${name}.md\n`)
        .join(''),
    );
    expect(rig.read(join('.message-bus', layout.reportText(rig.run())))).toBe(stdout);
    expectLawful();
  });

  test('a pipeline without settings', async () => {
    claude();
    expect(await run('review.yaml', CODE_REVIEW)).toMatchObject({ code: 0 });
    expect(rig.lines(CALLS).at(-1)).toBe('final-review code-reviewer');
    expect(rig.read(`${OUT}/pr-review.md`)).toContain('Synthesize all findings');
  });

  describe('a task that its dependencies let start before the slowest of the wave before has ended', () => {
    const BARRIER = `tasks:
  - { id: quick, agent: critic, prompt: look }
  - { id: slow, agent: critic, prompt: look long }
  - { id: next, agent: writer, prompt: write, dependencies: [quick] }
`;
    /** Says when it begins and ends; `slow` looks so many times whether `next` has begun. */
    const bearWitness = (looks: number): void => {
      claude(
        `echo "begin $SIGNALBOX_TASK_ID" >> ${WITNESS}; [ "$SIGNALBOX_TASK_ID" != slow ] || { i=0; while [ $i -lt ${looks} ] && ! grep -q "begin next" ${WITNESS}; do i=$((i+1)); sleep 0.02; done; }; echo "end $SIGNALBOX_TASK_ID" >> ${WITNESS}`,
      );
    };
    const waited = (): boolean =>
      rig.lines(WITNESS).indexOf('begin next') > rig.lines(WITNESS).indexOf('end slow');

    test.each<[string, string[], string, boolean]>([
      ['starts then', [], '', false],
      ['waits with --schedule waves', ['--schedule', 'waves'], '', true],
      ['waits where the config says so', [], 'schedule: waves\n', true],
      [
        'starts with --schedule dag, whatever the config says',
        ['--schedule', 'dag'],
        'schedule: waves\n',
        false,
      ],
    ])('%s', async (_name, args, config, expected) => {
      // Where `next` may begin, it is waited for; where it may not, it gets a fair chance to do so.
      bearWitness(expected ? 25 : 500);
      rig.write('signalbox.config.yaml', `settle_grace: 1s\n${config}`);
      expect(await run('tasks.yaml', BARRIER, args)).toMatchObject({ code: 0 });
      expect(rig.lines(WITNESS)).toHaveLength(6);
      expect(waited()).toBe(expected);
      expectLawful();
    });
  });

  test('outputs that are folders: what is printed, unless the agent filled it', async () => {
    claude('[ "$3" != technical-writer ] || echo one > "$SIGNALBOX_OUTPUT/chapter-1.md"');
    const { code, stdout } = await run('docs.yaml', DOC_GENERATION);
    expect(code).toBe(0);
    expect(Object.keys(treeOf(join(rig.repo, OUT))).sort()).toEqual([
      ...['api/', 'api/api-docs.md', 'architecture/', 'architecture/architecture-docs.md'],
      ...['user-guide/', 'user-guide/chapter-1.md'],
    ]);
    expect(stdout).toContain(`## Outputs\n- ${OUT}/api/\n- ${OUT}/user-guide/\n- ${OUT}/architecture/\n`);
  });

  test('--output, by an absolute path also outside of the repo', async () => {
    claude();
    const elsewhere = freshFolder();
    try {
      const { code, stdout } = await run('review.yaml', CODE_REVIEW, ['--output', elsewhere.path]);
      expect(code).toBe(0);
      expect(treeOf(elsewhere.path)['pr-review.md']).toContain('Synthesize all findings');
      expect(stdout).toContain(`- ${join(elsewhere.path, 'pr-review.md')}\n`);
      expect(existsSync(join(rig.repo, '.aiwg'))).toBe(false);
    } finally {
      elsewhere.remove();
    }
  });
});

describe('the source system’s own files', () => {
  const files = sampleBlocks('001')?.filter(block => /^tasks:/m.test(block));
  if (files === undefined) {
    test.skip(NO_SAMPLES, () => undefined);
    return;
  }

  test('are three', () => {
    expect(files).toHaveLength(3);
  });

  test.each(files.map(text => [/^name: (.*)$/m.exec(text)?.[1], text]))('%s', async (_name, text = '') => {
    claude();
    const { code, stdout } = await run('tasks.yaml', text);
    const tasks = text.split('\n').filter(line => /^\s*- id: /.test(line)).length;
    expect({ code, ended: new Set(Object.values(ends())) }).toEqual({
      code: 0,
      ended: new Set(['complete']),
    });
    expect(stdout).toContain(`- **Succeeded**: ${tasks}\n`);
    const outputs = stdout.split('## Outputs\n')[1]?.trim().split('\n') ?? [];
    expect(outputs).toHaveLength(tasks);
    for (const output of outputs) expect(existsSync(join(rig.repo, output.slice(2)))).toBe(true);
    expectLawful();
  });
});

describe('when an agent fails', () => {
  const FAILING = `name: failing
tasks:
  - { id: bad, agent: critic, prompt: Find fault, output: bad.md }
  - { id: behind, agent: critic, prompt: Go on, dependencies: [bad] }
  - { id: last, agent: critic, prompt: Go on, dependencies: [behind] }
  - { id: other, agent: poet, prompt: Sing, output: other.md }
`;
  const BAD_FAILS = '[ "$SIGNALBOX_TASK_ID" != bad ] || exit 3';

  test('continue: what depends on it is skipped, the rest goes on', async () => {
    claude(BAD_FAILS);
    const { code, stdout } = await run('tasks.yaml', FAILING);
    expect({ code, ends: ends() }).toEqual({
      code: 1,
      ends: { bad: 'failed', behind: 'skipped', last: 'skipped', other: 'complete' },
    });
    expect(callsOf('bad')).toBe(1);
    expect(existsSync(join(rig.repo, OUT, 'bad.md'))).toBe(false);
    expect(timeless(stdout)).toContain(
      '| bad | critic | Ns | ✗ | bad.md |\n| behind | critic | – | – | – |\n',
    );
    expect(stdout).toMatch(/\*\*Failed\*\*: 1\n- \*\*Skipped\*\*: 2\n/);
    expect(stdout.endsWith(`## Outputs\n- ${OUT}/other.md\n`)).toBe(true);
    expect(rig.read(join('.message-bus', layout.reportText(rig.run())))).toMatch(
      /## FIX\n\n- \[ \] Fix bad: /,
    );
    expectLawful();
  });

  test('stop: nothing more is started', async () => {
    claude(BAD_FAILS);
    const { code } = await run('tasks.yaml', FAILING, ['--on-failure', 'stop', '--max-parallel', '1']);
    expect(code).toBe(3);
    expect(rig.lines(CALLS)).toEqual(['bad critic']);
    expect(ends()).toMatchObject({ bad: 'failed', other: 'cancelled' });
    expectLawful();
  });

  test('retry: up to three times more', async () => {
    rig.write('signalbox.config.yaml', 'backoff: { first: 10ms, longest: 20ms }\n');
    claude(`${BAD_FAILS}; [ "$SIGNALBOX_TASK_ID" != other ] || [ "$SIGNALBOX_ATTEMPT" = 2 ]`);
    const { code } = await run('tasks.yaml', `${FAILING}settings: { on_failure: retry }\n`);
    expect(code).toBe(1);
    expect(callsOf('bad')).toBe(4);
    expect(callsOf('other')).toBe(2);
    expect(ends()).toMatchObject({ bad: 'failed', other: 'complete' });
    expectLawful();
  });

  test('too slow: ended after timeout_per_task', async () => {
    claude('[ "$SIGNALBOX_TASK_ID" != bad ] || sleep 60');
    const { code } = await run('tasks.yaml', `${FAILING}settings: { timeout_per_task: 300 }\n`);
    expect({ code, bad: ends().bad }).toEqual({ code: 1, bad: 'failed' });
    expect(rig.report().tasks[0]?.cause).toContain('300ms');
  });
});

describe('before anything starts', () => {
  test('without its program nothing is started, and nothing written', async () => {
    rig.write('tasks.yaml', CODE_REVIEW);
    const before = treeOf(rig.repo);
    const { code, stderr } = await rig.signalbox(['run', 'tasks.yaml'], { env: { PATH: '/nowhere' } });
    expect(code).toBe(2);
    expect(stderr).toContain('claude: error: the plan\'s agent needs the program "claude"');
    expect(treeOf(rig.repo)).toEqual(before);
  });

  test('--dry-run shows waves and the critical path, and starts nothing', async () => {
    const { code, stdout } = await run('tasks.yaml', ARCHITECTURE_REVIEW, ['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('plan architecture-review: 4 tasks, at most 3 at once');
    expect(stdout).toContain('(dispatch format)');
    expect(stdout).toContain('waves:\n  1: security-review, test-review, ops-review\n  2: synthesis\n');
    expect(stdout).toContain('critical path:\n  security-review → synthesis\n');
    expect(existsSync(rig.bus)).toBe(false);
  });

  test('as a plan of our own format it makes the same calls', async () => {
    claude();
    const tricky = 'tasks:\n  - { id: a, agent: critic, prompt: "it\'s $HOME; `x`", output: a.md }\n';
    rig.write('tasks.yaml', tricky);
    const { stdout } = await rig.signalbox(['plan', 'tasks.yaml', '--as', 'yaml']);
    expect(await run('own.yaml', stdout)).toMatchObject({ code: 0 });
    expect(rig.read(`${OUT}/a.md`)).toBe("critic on: it's $HOME; `x`\n");
  });
});
