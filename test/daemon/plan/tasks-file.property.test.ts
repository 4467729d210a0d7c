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
const idOf = (index: number): string => `T${String(index + 1).padStart(3, '0')}`;

/** Tasks of one priority, each of which waits for some before it. */
const sketches: fc.Arbitrary<Sketch[]> = fc
  .array(
    fc.record({
      title: fc.tuple(word, word).map(words => words.join(' ')),
      done: fc.boolean(),
      needs: fc.uniqueArray(fc.nat(30), { maxLength: 4 }),
      files: fc.uniqueArray(path, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map(tasks =>
    tasks.map(({ needs, ...task }, index) => ({
      ...task,
      id: idOf(index),
      dependsOn: [...new Set(needs.filter(need => need < index).map(idOf))],
    })),
  );

const mark = ({ done }: Sketch): string => (done ? 'x' : ' ');
const needs = ({ dependsOn }: Sketch): string => (dependsOn.length === 0 ? 'None' : dependsOn.join(', '));
const ticked = ({ files }: Sketch): string => files.map(file => `\`${file}\``).join(', ');
const arrows = (tasks: readonly Sketch[]): string =>
  tasks.flatMap(({ id, dependsOn }) => dependsOn.map(before => `${before} → ${id}\n`)).join('');

const SPELLINGS: readonly {
  name: string;
  print: (task: Sketch) => string;
  end?: (tasks: readonly Sketch[]) => string;
}[] = [
  {
    name: 'fields',
    print: task =>
      `### ${task.id}: ${task.title}\n\n**File(s)**: ${ticked(task)}\n**Type**: Modify\n**Depends**: ${needs(task)}\n**Acceptance**:\n- [${mark(task)}] T001 works\n\n`,
  },
  {
    name: 'fields with lists',
    print: task =>
      `### ${task.id}: ${task.title}\n- **Files**:\n${task.files.map(file => `  - \`${file}:12\`\n`).join('')}- **Requires**: [${task.dependsOn.join(', ')}]\n- [${mark(task)}] step\n`,
  },
  {
    name: 'arrows',
    print: task =>
      `### ${task.id}: ${task.title}${task.done ? ' ✅' : ''}\nFiles: ${task.files.join(', ')}\n\n`,
    end: tasks => `## Dependencies\n\n${arrows(tasks)}`,
  },
  {
    name: 'arrows in a fence',
    print: task => `#### ${task.id} - ${task.title}${task.done ? ' [x]' : ''}\n**Files**: ${ticked(task)}\n`,
    end: tasks => `## Dependency Graph\n\n\`\`\`\n${arrows(tasks).replaceAll('→', '──▶')}\`\`\`\n`,
  },
];

test.each(SPELLINGS)('what is written as $name is read back', ({ print, end = () => '' }) => {
  fc.assert(
    fc.property(sketches, fc.constantFrom('\n', '\r\n'), (tasks, lineEnd) => {
      const text = `# Tasks: Plan\n\n## P1 High\n\n${tasks.map(print).join('')}${end(tasks)}\n## Notes\n\n- [ ] ask\n`;
      const { plan, warnings } = valueOf(
        readPlan({ text: text.replaceAll('\n', lineEnd), file: 'tasks.md' }),
      );
      expect(warnings).toEqual([]);
      const back = plan.tasks.map(({ id, title, done, dependsOn, files }) => ({
        ...{ id, title, done, dependsOn: dependsOn.toSorted(), files },
      }));
      expect(back).toEqual(tasks.map(task => ({ ...task, dependsOn: task.dependsOn.toSorted() })));
    }),
    { numRuns: 100 },
  );
});

const splinter = fc.oneof(
  fc.constantFrom(
    ...['### T001: a\n', '### T002: b\n', '## P0\n', '## Dependencies\n', '## Group: A\n', '# Wave 2\n'],
    ...['**Depends**: T001\n', '**Depends on**: A\n', '**Files**: `a.ts` (new)\n', '**Type**: Create\n'],
    ...[
      '- [ ] x\n',
      '- [x] y\n',
      'T001 → T002\n',
      'T002 blocks T001\n',
      '│',
      '├──▶ ',
      '└─> ',
      '──┐\n',
      '▼',
      '▲\n',
    ],
    ...[
      'T001-T003',
      '(',
      ')',
      '[',
      ']',
      '`',
      '**',
      '\n',
      '```\n',
      '<!--',
      '-->',
      '\u0000',
      '\r',
      '|',
      ' - ',
      '../',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

test('any text is read or refused with a place in the file, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(splinter, { maxLength: 40 }), parts => {
      const text = parts.join('');
      const result = readPlan({ text, file: 'f', format: 'orchestrate' });
      if (result.ok) {
        expect(result.value.plan.tasks.length).toBeGreaterThan(0);
        return;
      }
      expect(result.error.some(({ severity }) => severity === 'error')).toBe(true);
      const lineCount = text.split('\n').length;
      for (const { line = 1, column = 1 } of result.error)
        expect(line >= 1 && line <= lineCount && column >= 1).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('a hostile text is read in a time that grows with its length only', () => {
  const MANY = 15_000;
  const tasks = (body: string, count = MANY): string =>
    Array.from({ length: count }, (_, index) => `### T${index}: a\n${body}\n`).join('');
  const drawn = (text: string): string => `### T1: a\n### T2: b\n## Dependencies\n\`\`\`\n${text}\n`;
  test.each([
    ['tasks', tasks('')],
    ['tasks with one file', tasks('**Files**: a.ts')],
    ['makers of one file', tasks('**Files**: a.ts (new)')],
    [
      'makers and users',
      tasks('**Files**: a.ts (new)', 9000) + tasks('', 9000).replaceAll('### T', '**Files**: a.ts\n### T9'),
    ],
    [
      'many makers, each with its users',
      Array.from(
        { length: 9000 },
        (_, index) => `### T${index}: a\n**Files**: a${index}.ts (new), a${index >> 1}.ts\n`,
      ).join(''),
    ],
    [
      'makers and users in chains',
      Array.from(
        { length: 9000 },
        (_, index) => `### T${index}: a\n**Files**: a${index}.ts (new), a${index + 1}.ts\n`,
      ).join(''),
    ],
    ['ranges', tasks('**Depends**: T0-T900', 3000)],
    [
      'a chain',
      Array.from(
        { length: MANY },
        (_, index) => `### T${index}: a\n**Depends**: T${Math.max(0, index - 1)}\n`,
      )
        .join('')
        .replace('**Depends**: T0\n', ''),
    ],
    ['groups', '## Group: A\n**Depends on**: A\n- [ ] a\n'.repeat(MANY / 2)],
    [
      'groups that wait',
      Array.from(
        { length: 400 },
        (_, index) => `## Group: G${index}\n**Depends on**: G${index - 1}\n${'- [ ] a\n'.repeat(90)}`,
      ).join(''),
    ],
    ['boxes of a group', `## Group: A\n${'- [ ] a\n'.repeat(MANY)}`],
    ['a long list', `### T1: a\n**Depends**: ${'T2, '.repeat(200_000)}`],
    ['a long list of files', `### T1: a\n**Files**: ${'`a.ts` (new), '.repeat(60_000)}`],
    ['parentheses', `### T1: a\n**Depends**: ${'('.repeat(400_000)}T2`],
    ['labels', `### T1: a\n${`**${'a '.repeat(50_000)}**:\n`.repeat(8)}`],
    ['blanks', `### T1: a\n${`${' '.repeat(100_000)}x\n`.repeat(8)}`],
    ['headings', `${'#'.repeat(400_000)}\n${`### T1 ${'✅ '.repeat(100_000)}\n`.repeat(3)}`],
    ['arrows in one line', drawn('T1 → T2 '.repeat(100_000))],
    ['arrows in many', drawn('T1 → T2\n'.repeat(90_000))],
    ['dashes', drawn(`${'-'.repeat(100_000)}x\n`.repeat(8))],
    ['short dashes', drawn(`${'-'.repeat(3900)}x\n`.repeat(200))],
    ['equals', drawn(`${'='.repeat(3900)}x\n`.repeat(200))],
    ['a field of crosses', drawn(`${'┼'.repeat(1000)}\n`.repeat(800))],
    ['pillars', drawn(`${'│ '.repeat(2000)}\n`.repeat(200))],
    ['bars', drawn(`${'| '.repeat(2000)}x\n`.repeat(200))],
    ['blanks in drawings', drawn(`T1${' '.repeat(3900)}x\n`.repeat(200))],
    ['blanks between words', drawn(`T1 depends ${' '.repeat(3900)}x\n`.repeat(200))],
    ['open parentheses in drawings', drawn(`${'('.repeat(3900)}\n`.repeat(200))],
    ['all before all', drawn('T1-T900 → T1-T900\n'.repeat(1000)) + tasks('', 900)],
  ])('%s', (_name, text) => {
    // About a second at most; with the square of the length it would be minutes, far beyond the test's time.
    for (const line of said(readPlan({ text, file: 'tasks.md', format: 'orchestrate' })))
      expect(line.length).toBeLessThan(700);
  });
});
