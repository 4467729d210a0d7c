import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPlan } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

interface Sketch {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  readonly dependsOn: readonly string[];
  readonly files: readonly string[];
}

const word = fc.stringMatching(/^[A-Z][a-z]{2,8}$/);
const path = fc.tuple(word, word).map(([folder, file]) => `${folder}/${file}.ts`);

/** Lists of tasks, each of which waits for some before it; the first says that it waits for none. */
const sketches = (dotted: boolean): fc.Arbitrary<Sketch[]> =>
  fc
    .array(
      fc.record({
        title: fc.tuple(word, word).map(words => words.join(' ')),
        done: fc.boolean(),
        needs: fc.uniqueArray(fc.nat(30), { maxLength: 4 }),
        files: fc.uniqueArray(path, { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map(tasks => {
      const ids = tasks.map((_, index) =>
        dotted ? `${1 + (index >> 2)}.${1 + (index & 3)}` : `${index + 1}`,
      );
      return tasks.map(({ needs, ...task }, index) => ({
        ...task,
        id: ids[index] ?? '',
        dependsOn: [...new Set(needs.filter(need => need < index).map(need => ids[need] ?? ''))],
      }));
    });

const mark = ({ done }: Sketch): string => (done ? 'x' : ' ');
const needs = ({ dependsOn }: Sketch): string => (dependsOn.length === 0 ? 'none' : dependsOn.join(', '));
const ticked = ({ files }: Sketch): string => files.map(file => `\`${file}\``).join(', ');

const SPELLINGS: readonly { name: string; dotted: boolean; print: (task: Sketch) => string }[] = [
  {
    name: 'boxes with comments',
    dotted: true,
    print: task =>
      `- [${mark(task)}] Task ${task.id}: ${task.title} <!-- deps: ${needs(task)} -->\n  - **Files**: ${ticked(task)}\n  - [ ] a step\n`,
  },
  {
    name: 'headings',
    dotted: true,
    print: task =>
      `### Task ${task.id}: ${task.title}${task.done ? ' [x]' : ''}\n\n- **Files**: ${ticked(task)}\n- **Acceptance**: it works\n- **Depends on**: ${needs(task)}\n\n`,
  },
  {
    name: 'boxes with plain numbers',
    dotted: false,
    print: task =>
      `- [${mark(task)}] Task ${task.id}: ${task.title}\n  - Depends on: ${needs(task)}\n  - Files: ${task.files.join(', ')}\n`,
  },
  {
    name: 'headings with steps',
    dotted: false,
    print: task =>
      `### Task ${task.id}: ${task.title}\n\n**Status:** [${mark(task)}]\n\n**Files:**\n${task.files.map(file => `- Modify: \`${file}:1-9\`\n`).join('')}\n**Depends on:** ${needs(task)}\n\n**Step 1: Test**\n\n\`\`\`sh\n- [ ] Task 1: sample\n\`\`\`\n\n`,
  },
  {
    name: 'numbers in bold',
    dotted: true,
    print: task =>
      `- [${mark(task)}] **${task.id}** ${task.title} <!-- deps: ${needs(task)} -->\n  - **Files**: ${ticked(task)}\n`,
  },
];

test.each(SPELLINGS)('what is written as $name is read back', ({ dotted, print }) => {
  fc.assert(
    fc.property(sketches(dotted), fc.constantFrom('\n', '\r\n'), (tasks, end) => {
      const text = `# Plan\n\n## Tasks\n\n${tasks.map(print).join('')}\n## Notes\n\n- [ ] ask\n`;
      const { plan, warnings } = valueOf(readPlan({ text: text.replaceAll('\n', end), file: 'p.md' }));
      expect(warnings).toEqual([]);
      const back = plan.tasks.map(({ id, title, done, dependsOn, files }) => ({
        ...{ id, title, done, dependsOn, files },
      }));
      expect(back).toEqual(tasks);
    }),
    { numRuns: 100 },
  );
});

describe('a hostile text is read in a time that grows with its length only', () => {
  const MANY = 170_000;
  const deep = Array.from({ length: 1500 }, (_, depth) => `${' '.repeat(depth)}- [ ] Task ${depth}.1: deep`);
  test.each([
    ['open boxes in one line', '- [ ] '.repeat(MANY)],
    ['open boxes in many', '- [ ] \n'.repeat(MANY)],
    ['tasks', Array.from({ length: MANY / 2 }, (_, id) => `- [ ] Task ${id}: t`).join('\n')],
    ['nested boxes', deep.join('\n')],
    ['long titles', `- [ ] Task 1: ${'*_ `'.repeat(25_000)}\n`.repeat(10)],
    ['long ids', `- [ ] Task 1${'.1'.repeat(50_000)}: t\n`.repeat(10)],
    ['open comments', `- [ ] Task 1: t ${'<!-- '.repeat(20_000)}\n`.repeat(10)],
    ['comments with keys', `- [ ] Task 1: t <!-- ${'deps: 1, '.repeat(20_000)} -->`],
    ['a long list of files', `### Task 1: t\n- **Files**: ${'`a (` '.repeat(20_000)}${' '.repeat(100_000)}x`],
    ['parentheses', `### Task 1: t\n- **Depends on**: ${'('.repeat(100_000)}${'1–1, '.repeat(20_000)}`],
    ['blanks', `### Task 1: t\n${`${' '.repeat(100_000)}x\n`.repeat(10)}`],
    ['labels', `### Task 1: t\n${`**${'a '.repeat(50_000)}**:\n`.repeat(10)}`],
    ['headings', '### Task 1 [x] '.repeat(MANY / 3)],
    [
      'ranges of all',
      Array.from({ length: 20_000 }, (_, id) => `- [ ] Task ${id}: t <!-- deps: 0–${id - 1} -->`).join('\n'),
    ],
  ])('%s', (_name, text) => {
    // A fraction of a second; with the square of the length it would be minutes, far beyond the test's time.
    for (const line of said(readPlan({ text, file: 'p.md' }))) expect(line.length).toBeLessThan(700);
  });
});
