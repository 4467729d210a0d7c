import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { readPlan, type PlanReading } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

const read = (text: string): PlanReading => valueOf(readPlan({ text, file: 'p.md' }));
const refused = (text: string): string[] => said(readPlan({ text, file: 'p.md' }));
const warned = (text: string): string[] => read(text).warnings.map(formatDiagnostic);

/** Each task in a line: done or not, id, title, what it waits for, files. */
const told = (text: string): string[] =>
  read(text).plan.tasks.map(
    ({ done, id, title, dependsOn, files }) =>
      `${done ? 'x' : '-'} ${id} | ${title} | ${dependsOn.join(' ')} | ${files.join(' ')}`,
  );

const BOXES = `# Tide gauge

## Phase 1: Readings

### Tasks

- [x] Task 1.1: Read the float <!-- deps: none, parallel: pg-1 --> <!-- 1a2b3c4 -->
  - **Type**: code
  - **Acceptance**: a reading each second; \`src/none.ts\` is not touched
  - **Files**: \`src/float.ts\`, \`src/levels/*\`
- [~] Task 1.2: Keep the readings <!-- deps: none, parallel: pg-1 -->
  - **Files**: \`src/store.ts\` (new), touched routes as needed
  - [ ] write the test first
- [!] Task 2.1: Show a day <!-- deps: 1.1, 1.2 -->
  - **Files**: validation only

## Validation

- [ ] 3 gauges agree
- [ ] Tests pass

## Discovered Work

- [ ] Task 9.1: A second float
- [ ] **9.2** Its cable
`;

const HEADINGS = `# Tide gauge

## Tasks

### Task 1.1: Read the float
- **Files**: \`src/float.ts\`
- **Acceptance**:
  - [ ] **2.5** readings a second
- **Depends on**: None (the first)

### Task 1.2: Keep the readings
- **Files**:
  - \`src/store.ts:10-20\`
  - \`db/\`
- **Depends on**: Task 1.1

#### Notes
- **Type**: infra

### Task 2.1: Show a day [x]
- **Depends on**: 1.1–1.2
`;

const PLAIN = `# Tide gauge

- [x] Task 1: Read the float <!-- commit: 1a2b3c4 -->
- [ ] Task 2: Keep the readings
- [ ] Task 3: Show a day
`;

const STEPS = `# Tide Gauge Implementation Plan

**Goal:** Show the tide.

---

### Task 1: [Float]

**Files:**
- Create: \`src/float.py\`
- Modify: \`src/main.py:123-145\`
- Test: \`tests/test_float.py\`

**Step 1: Write the failing test**

\`\`\`python
# - [ ] Task 7: not a task
\`\`\`

- [ ] Step 2: run it, with \`tests/other.py\`

### Task 2: [Store]

**Files:**

- Modify: \`src/main.py\`

**Step 1: Write the failing test**
`;

const NUMBERS = `# Tide gauge

### Task 1.1: Read the float
- **Files**: \`src/float.ts\`
- **Depends on**: none

### Task 1.2: Keep the readings
- **Depends on**: 1.1

## Task Checklist

### Phase 1: Readings
- [x] **1.1** Read the \`float\`
- [ ] **1.2** Keep the readings
- [ ] **1.3:** Show a day
- [ ] 1.4 Print it
`;

describe('a spelling of tasks', () => {
  test('boxes with comments: dependencies, groups, states, files; nothing else is a task', () => {
    expect(told(BOXES)).toEqual([
      'x 1.1 | Read the float |  | src/float.ts src/levels/*',
      '- 1.2 | Keep the readings |  | src/store.ts',
      '- 2.1 | Show a day | 1.1 1.2 | ',
    ]);
    const { plan, warnings } = read(BOXES);
    expect(warnings).toEqual([]);
    expect(plan).toMatchObject({ format: 'conductor', name: 'Tide gauge' });
    expect(plan.groups).toEqual([{ id: 'pg-1', tasks: ['1.1', '1.2'], conflictFree: true }]);
  });

  test('headings with what is said below them', () => {
    expect(told(HEADINGS)).toEqual([
      '- 1.1 | Read the float |  | src/float.ts',
      '- 1.2 | Keep the readings | 1.1 | src/store.ts db',
      'x 2.1 | Show a day | 1.1 1.2 | ',
    ]);
    expect(read(HEADINGS).plan.tasks.map(({ type }) => type)).toEqual(['code', 'infra', 'code']);
    expect(warned(HEADINGS)).toEqual([]);
  });

  test('boxes that say nothing of order: one after the other, with a word', () => {
    expect(told(PLAIN)).toEqual([
      'x 1 | Read the float |  | ',
      '- 2 | Keep the readings | 1 | ',
      '- 3 | Show a day | 2 | ',
    ]);
    expect(warned(PLAIN)).toEqual([
      'p.md:3:1: warning: no task says what it depends on: they run one after the other, in the order of the file. Write <!-- deps: none --> behind a task that may run at any time.',
    ]);
  });

  test('headings with lists of files and steps', () => {
    expect(told(STEPS)).toEqual([
      '- 1 | [Float] |  | src/float.py src/main.py tests/test_float.py',
      '- 2 | [Store] | 1 | src/main.py',
    ]);
  });

  test('a list of numbers beside headings: one task for both, done if its box is', () => {
    expect(told(NUMBERS)).toEqual([
      'x 1.1 | Read the float |  | src/float.ts',
      '- 1.2 | Keep the readings | 1.1 | ',
      '- 1.3 | Show a day |  | ',
      '- 1.4 | Print it |  | ',
    ]);
  });

  test.each([
    ['Windows line ends', BOXES.replaceAll('\n', '\r\n'), BOXES],
    ['stars for dashes', BOXES.replaceAll(/^(\s*)- /gm, '$1* '), BOXES],
    ['capital marks', BOXES.replace('[x]', '[X]'), BOXES],
    ['emphasis', BOXES.replaceAll(/(Task \d\.\d:)/g, '**$1**'), BOXES],
    ['tabs', BOXES.replaceAll('\n  ', '\n\t'), BOXES],
    ['a deeper heading', HEADINGS.replaceAll('### Task', '#### Task'), HEADINGS],
    ['a status line', HEADINGS.replace(' [x]', '\n**Status:** [x]'), HEADINGS],
    ['bare labels', HEADINGS.replaceAll('**', ''), HEADINGS],
    ['colons inside of the emphasis', HEADINGS.replaceAll(/\*\*([A-Z][a-z ]+)\*\*:/g, '**$1:**'), HEADINGS],
  ])('%s change nothing', (_name, changed, text) => {
    expect(changed).not.toBe(text);
    expect(told(changed)).toEqual(told(text));
  });
});

describe('fixes', () => {
  test('are tasks of their own; those of a second phase have its number', () => {
    const text = [
      '- [x] Task 1.1: Read <!-- deps: none -->',
      '## Fix Phase (from Evaluation on 2026-03-01)',
      '- [x] Fix 1: A leak <!-- 1a2b3c4 -->',
      '- [ ] Fix 1.1: Its cause <!-- deps: Fix 1 -->',
      '## Fix Phase (Cycle 2)',
      '### Fix 1: Another leak',
      '- [x] close it <!-- 1a2b3c5 -->',
      '- [ ] paint it',
      '### Fix 2: The last',
      '- [x] closed <!-- 1a2b3c6 -->',
    ].join('\n');
    expect(told(text)).toEqual([
      'x 1.1 | Read |  | ',
      'x fix-1 | A leak |  | ',
      '- fix-1.1 | Its cause | fix-1 | ',
      '- fix-2-1 | Another leak |  | ',
      'x fix-2-2 | The last |  | ',
    ]);
  });
});

describe('what is no task', () => {
  test.each([
    ['a placeholder', '### Task N: [Component]'],
    ['a list of tasks', '## Tasks'],
    ['a word', '- [ ] Task list is complete'],
    ['a criterion with a number', '## Acceptance Criteria\n- [ ] **1.5** seconds at most'],
    ['a number that counts', '- [ ] 3 files moved'],
    ['another kind of id', '- [ ] UI-1: Confirm'],
    ['a comment', '<!--\n- [ ] Task 1: Hidden\n-->'],
    ['a quotation', '> - [ ] Task 1: Quoted'],
    ['a fence', '```\n- [ ] Task 1: Sample\n```'],
    ['a sentence', 'Task 1: is in prose'],
    ['discovered work', '## Discovered Work\n### Task 1: Later\n- [ ] Task 2: Later'],
  ])('%s', (_name, text) => {
    expect(refused(`# Notes\n\n${text}\n`)).toEqual([expect.stringContaining('this is not a plan')]);
    expect(told(`- [ ] Task 7: Real <!-- deps: none -->\n# Notes\n\n${text}\n`)).toEqual([
      '- 7 | Real |  | ',
    ]);
  });

  test('a heading that looks nearly like one ends the task before it', () => {
    const text = '### Task 1: Read\n- **Depends on**: none\n### Task 1 in detail\n- **Files**: `src/a.ts`\n';
    expect(told(text)).toEqual(['- 1 | Read |  | ']);
    expect(warned(text)).toEqual([expect.stringContaining('p.md:3:1: warning: "Task 1 in detail"')]);
  });

  test('what looks nearly like one is told', () => {
    expect(warned('- [ ] Task 1: Read <!-- deps: none -->\n- [ ] Task 1 is deployed\n')).toEqual([
      'p.md:2:1: warning: "Task 1 is deployed" is not read as a task. Put a colon behind its id if it is one.',
    ]);
  });
});

describe('what is wrong is told, all at once, with its line', () => {
  test('ids, dependencies, circles, paths', () => {
    const text = [
      '- [ ] Task 1.1: Read <!-- deps: 1.2 -->',
      '- [ ] Task 1.2: Keep <!-- deps: 1.1 -->',
      '- [ ] Task 1.3: Show',
      '  - **Depends on**: 1.33',
      '  - **Files**: `../other/a.ts`',
      '- [ ] Task 1.3: Show again',
    ].join('\n');
    const lines = refused(text).join('\n');
    for (const part of [
      'p.md:1:1: error: tasks depend on each other in a circle: 1.1 → 1.2 → 1.1',
      'p.md:3:1: error: task id 1.3 is used more than once: first here',
      'p.md:4:3: error: task 1.3 depends on "1.33", which is not in the plan. Did you mean',
      'p.md:5:3: error: task 1.3: files: "../other/a.ts" leaves the repo',
      'p.md:6:1: error: task id 1.3 is used more than once: again here',
    ])
      expect(lines).toContain(part);
  });

  test('prose among dependencies is passed over, with a word', () => {
    const text = '- [ ] Task 1: Read\n  - **Depends on**: Issue #12\n';
    expect(told(text)).toEqual(['- 1 | Read |  | ']);
    expect(warned(text)).toEqual([
      'p.md:2:3: warning: task 1: "Issue #12" among its dependencies names no task and is passed over. Put remarks in parentheses.',
    ]);
  });
});

describe('beside a DAG', () => {
  const dag = (ids: string): string =>
    `# P\n\`\`\`yaml\ndag:\n  nodes: [${ids}]\n\`\`\`\n- [x] Task 8: Done\n${[1, 2, 3, 4, 5, 6, 7].map(id => `- [ ] Task ${id}: T\n`).join('')}`;

  test('open tasks that it does not name are told once', () => {
    const text = dag('{id: "1"}');
    expect(told(text)).toHaveLength(1);
    expect(warned(text)).toEqual([
      'p.md:8:1: warning: the DAG does not name the tasks 2, 3, 4, 5, 6 and 1 more, which will not run. Add a node for each, or take the DAG out.',
    ]);
  });

  test('nothing is said where it names all', () => {
    expect(warned(dag([1, 2, 3, 4, 5, 6, 7].map(id => `{id: "${id}"}`).join(', ')))).toEqual([]);
  });
});
