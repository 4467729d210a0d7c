import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AskedPlan } from '../../../bus-schema/plan.js';
import { tickBoxes } from '../../../daemon/plan/boxes.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { valueOf } from './said.js';

interface Sketch {
  readonly id: string;
  readonly title: string;
  readonly mark: string;
  readonly needs: readonly string[];
  readonly spelling: number;
  readonly completed: boolean;
  readonly commit: string | undefined;
}

const word = fc.stringMatching(/^[A-Z][a-zé]{2,8}$/);

const sketches: fc.Arbitrary<Sketch[]> = fc
  .array(
    fc.record({
      title: fc.tuple(word, word).map(words => words.join(' ')),
      mark: fc.constantFrom(' ', ' ', ' ', 'x', 'X', '~', '!'),
      needs: fc.uniqueArray(fc.nat(30), { maxLength: 3 }),
      spelling: fc.nat(7),
      completed: fc.boolean(),
      commit: fc.constantFrom(undefined, '1a2b3c4', 'ABCDEF0123456789', 'no commit', '--> x', ''),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map(drafts => {
    const ids = drafts.map((_, index) => `${1 + Math.floor(index / 9)}.${1 + (index % 9)}`);
    return drafts.map(({ needs, ...draft }, index) => ({
      ...draft,
      id: ids[index] ?? '',
      needs: needs.filter(need => need < index).map(need => ids[need] ?? ''),
    }));
  });

const deps = ({ needs }: Sketch): string =>
  `<!-- deps: ${needs.length === 0 ? 'none' : needs.join(', ')} -->`;

/** Ways to write a task; of each, whether it has a box that can be ticked. */
const SPELLINGS: readonly { readonly hasBox: boolean; readonly print: (task: Sketch) => string }[] = [
  { hasBox: true, print: task => `- [${task.mark}] Task ${task.id}: ${task.title} ${deps(task)}\n` },
  {
    hasBox: true,
    print: task =>
      `## Part\n\n* [${task.mark}] **${task.id}** ${task.title}\n  ${deps(task)}\n  - [ ] a step\n`,
  },
  {
    hasBox: true,
    print: task =>
      `## Part\n\n1. [${task.mark}] ${task.id}: ${task.title}  \n  - Files: src/${task.id}.ts\n  ${deps(task)}\n`,
  },
  { hasBox: true, print: task => `+ [${task.mark}]\tTask **${task.id}**: ${task.title} ${deps(task)}   \n` },
  {
    hasBox: true,
    print: task =>
      `### Task ${task.id}: ${task.title}\n\n- [${task.mark}] Task ${task.id}: ${task.title} ${deps(task)}\n- [ ] a step\n`,
  },
  {
    hasBox: true,
    print: task =>
      `### Task ${task.id}: ${task.title}\n${deps(task)}\n- [ ] step of it\n\n- [${task.mark}] Task ${task.id}: again\n\n`,
  },
  {
    hasBox: false,
    print: task =>
      `### Task ${task.id}: ${task.title}${task.mark === 'x' ? ' [x]' : ''}\n${deps(task)}\n\n- [ ] Step 1: do it\n\n`,
  },
  {
    hasBox: false,
    print: task => `#### Task ${task.id}: ${task.title}\n**Status:** [${task.mark}]\n${deps(task)}\n\n`,
  },
];

const hasBox = ({ spelling }: Sketch): boolean => SPELLINGS[spelling]?.hasBox === true;
const printed = (task: Sketch): string => SPELLINGS[task.spelling]?.print(task) ?? '';

/** What stands between tasks and is none: samples, remarks, comments over lines, odd bytes. */
const between = fc.constantFrom(
  '',
  '\n',
  '\n```sh\n- [ ] Task 1.1: a sample\n- [ ] **1.2** another\n```\n',
  '\n<!--\n- [ ] Task 1.1: hidden\n-->\n',
  '\n[ ] Task 1.1: no item\n',
  '\n> quoted \u00a0 \u2028 \u0000 \ufeff bytes \t\n',
  '\n- [ ]Task 1.1: no box\n',
);
const ENDING =
  '\n## Discovered Work\n\n- [ ] Task 1.1: found\n- [ ] Task 77: found too\n\n## Notes\nwithout an end';

/** The whole text of a plan; where a DAG says what the tasks are, the boxes stand beside it. */
function textOf(tasks: readonly Sketch[], gaps: readonly string[], end: string, dag: boolean): string {
  const nodes = tasks.map(
    ({ id, title, needs }) => `  - {id: "${id}", name: ${title}, depends_on: ${JSON.stringify(needs)}}\n`,
  );
  const block = `\`\`\`yaml\ndag:\n  nodes:\n${nodes.join('')}\`\`\`\n\n`;
  const told = tasks.map((task, index) => printed(task) + (gaps[index % Math.max(1, gaps.length)] ?? ''));
  return `# Plan\n\n${dag ? block : ''}## Tasks\n\n${told.join('')}${dag ? '' : ENDING}`.replaceAll(
    '\n',
    end,
  );
}

const readBack = (text: string): AskedPlan => valueOf(readPlan({ text, file: 'plan.md' })).plan;
const isOpen = ({ mark }: Sketch): boolean => !/x/i.test(mark);

/** The bytes that ticking may change: one mark, and a comment at the line's end. */
function changesOf(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (old.length !== now.length) return ['another number of lines'];
  return old.flatMap((line, index) => {
    const ticked = now[index] ?? '';
    if (line === ticked) return [];
    const [, head = '', tail = ''] = /^(\s*(?:[-*+]|\d+\.)\s\[)[ ~!](\].*?)\r?$/s.exec(line) ?? [];
    const rest = ticked.startsWith(`${head}x${tail}`) ? ticked.slice(head.length + 1 + tail.length) : '?';
    return [
      /^( <!-- [0-9a-f]{7,64} -->)?\r?$/i.test(rest)
        ? ''
        : `${JSON.stringify(line)} → ${JSON.stringify(ticked)}`,
    ];
  });
}

describe('ticked and read again', () => {
  test.each([
    ['a plan whose tasks are those of its Markdown', false],
    ['a plan with a DAG', true],
  ])(
    '%s is the same plan with exactly the completed tasks done, and no other byte is touched',
    (_name, dag) => {
      fc.assert(
        fc.property(
          sketches,
          fc.array(between, { maxLength: 4 }),
          fc.constantFrom('\n', '\r\n'),
          (drafts, gaps, end) => {
            // A DAG knows no headings: there a task's box is all that says whether it is done.
            const tasks = dag ? drafts.map(task => ({ ...task, spelling: task.spelling % 4 })) : drafts;
            const text = textOf(tasks, gaps, end, dag);
            const before = readBack(text);
            expect(before.tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
            const completed = new Map(
              tasks.filter(task => task.completed).map(({ id, commit }) => [id, commit]),
            );
            const ticked = tickBoxes(text, completed);
            const after = readBack(ticked);
            const done = (id: string): boolean => before.tasks.some(task => task.id === id && task.done);
            const expected = tasks.map(task => done(task.id) || (task.completed && hasBox(task)));
            expect(after).toEqual({
              ...before,
              tasks: before.tasks.map((task, index) => ({ ...task, done: expected[index] })),
            });
            const changes = changesOf(text, ticked);
            expect(changes.filter(change => change !== '')).toEqual([]);
            expect(changes).toHaveLength(
              tasks.filter(task => task.completed && hasBox(task) && isOpen(task)).length,
            );
            expect(tickBoxes(ticked, completed)).toBe(ticked);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
