import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { readPlan, type PlanReading } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

const read = (text: string): PlanReading => valueOf(readPlan({ text, file: 'tasks.md' }));
const refused = (text: string): string[] => said(readPlan({ text, file: 'tasks.md', format: 'orchestrate' }));
const warned = (text: string): string[] => read(text).warnings.map(formatDiagnostic);

/** Each task in a line: done or not, id, priority and wave, title, what it waits for, files. */
const told = (text: string): string[] =>
  read(text).plan.tasks.map(
    ({ done, id, priority, wave, title, dependsOn, files }) =>
      `${done ? 'x' : '-'} ${id} P${priority} w${wave ?? '?'} | ${title} | ${dependsOn.join(' ')} | ${files.join(' ')}`,
  );
const waits = (text: string): Record<string, string> =>
  Object.fromEntries(read(text).plan.tasks.map(({ id, dependsOn }) => [id, dependsOn.join(' ')]));
const promptOf = (text: string, index = 0): string => {
  const work = read(text).plan.tasks[index]?.work;
  return work?.kind === 'agent' ? work.prompt : '';
};

const PLAN = `# Tasks: Tide gauge

Generated: 2026-11-21T10:00:00Z

## P0 Critical

### T001: Read the float
**Files**: src/float.ts:12
**Depends**: none
**Success**: a reading each second
- [ ] open the port
- [x] read a line

### T002: Keep the readings
**Files**: \`src/store.ts:10-20\`, \`db/\` (new)
**Depends**: T001
- [x] write the table
- [x] write the rows

## P1 - High

### T003: Show a day
- **File(s)**:
  - \`src/page.ts\` (create)
  - \`src/style.css\`
- **Type**: Modify
- **Depends**: T001, T002

## 🔴 P3 - Nice to have

### T004: Print it ✅

**Files**:
- \`src/print.ts\`

## Dependencies

T003 → T004

## Validation

- [ ] T005: all is well
`;

describe('a tasks file', () => {
  test('has a task for each heading with an id; boxes are its steps', () => {
    expect(read(PLAN).plan).toMatchObject({ format: 'orchestrate', name: 'Tide gauge', settings: {} });
    expect(told(PLAN)).toEqual([
      '- T001 P0 w0 | Read the float |  | src/float.ts',
      'x T002 P0 w0 | Keep the readings | T001 | src/store.ts db',
      '- T003 P1 w1 | Show a day | T001 T002 | src/page.ts src/style.css',
      'x T004 P3 w2 | Print it | T003 | src/print.ts',
    ]);
    expect(warned(PLAN)).toEqual([]);
  });

  test('is the same with Windows line ends', () => {
    expect(told(PLAN.replaceAll('\n', '\r\n'))).toEqual(told(PLAN));
  });

  test.each([
    ['## P0 Critical', 0],
    ['## P1 - High', 1],
    ['## 🔴 P0 - Critical Priority', 0],
    ['## Priority P3', 3],
    ['## Nice to have (P3)', 3],
    ['## Phase 1: Setup', 2],
    ['## P2P transport', 2],
    ['## P0\n\n### Notes\n\ntext', 0],
    ['## P0\n\ntext\n\n## Later', 2],
  ])('below %j a task has priority P%i', (heading, priority) => {
    expect(read(`${heading}\n\n### T001: a\n`).plan.tasks[0]?.priority).toBe(priority);
  });

  test('a task may say its own priority', () => {
    expect(read('## P2\n\n### T001: a\n**Priority**: P0\n').plan.tasks[0]?.priority).toBe(0);
  });

  test.each([
    ['### T001 - a', 'a'],
    ['#### T001. a', 'a'],
    ['### **T001**: a', 'a'],
    ['### **T001: a**', 'a'],
    ['### [ ] T001: a', 'a'],
    ['### Task T001: a', 'a'],
    ['### T001 a', 'a'],
    ['### T001', 'T001'],
  ])('%j begins task T001', (heading, title) => {
    expect(told(`${heading}\n\n### T002: b\n`)[0]).toBe(`- T001 P2 w0 | ${title} |  | `);
  });

  test.each(['### T1 instances on AWS', '### T001xy: a', '### The T001 problem', '- [ ] T001: a'])(
    '%j begins none',
    line => {
      expect(told(`${line}\n\n### T002: b\n`)).toEqual(['- T002 P2 w0 | b |  | ']);
    },
  );

  test.each([
    ['### [x] T001: a', ''],
    ['### T001: a [x]', ''],
    ['### ✅ T001: a', ''],
    ['### T001: a (done)', '- [ ] left over'],
    ['### T001: a', '**Status**: ✅ Done'],
    ['### T001: a', '- [x] one\n- [X] two'],
  ])('a task is done by %j and %j', (heading, body) => {
    expect(told(`${heading}\n${body}\n\n### T002: b\n- [x] one\n- [ ] two\n`)).toEqual([
      '- T001 P2 w0 | a |  | '.replace('-', 'x'),
      '- T002 P2 w0 | b |  | ',
    ]);
  });
});

describe('what a task waits for', () => {
  const spelled = (line: string): string | undefined =>
    waits(
      `### T001: a\n\n### T002: b\n\n### T003: c\n\n### T004: d\n\n### T009: e\n${line}\n- [ ] not T001\n`,
    ).T009;

  test.each([
    ['Depends: T001', 'T001'],
    ['**Depends**: T001, T002', 'T001 T002'],
    ['**Dependencies:** [T001, T002]', 'T001 T002'],
    ['*Depends on: [T002]*', 'T002'],
    ['- **Requires**: `T001`', 'T001'],
    ['- **Blocked by**: T001 and T003', 'T001 T003'],
    ['After: T004', 'T004'],
    ['**Depends**: T001–T003', 'T001 T002 T003'],
    ['**Depends**: T002-T004', 'T002 T003 T004'],
    ['**Depends**: T003 to T004', 'T003 T004'],
    ['**Depends**: T001-003, T004', 'T001 T002 T003 T004'],
    ['**Depends**: T002-T008', 'T002 T003 T004 T008'],
    ['**Depends**: None', ''],
    ['**Depends**: -', ''],
    ['**Depends**: None (reverses T003)', ''],
    ['**Depends**: None (parallel with T001/T002; integrates via T004)', ''],
    ['**Depends**: None; T003 is another matter', ''],
    ['**Depends**: T003 (see T001)', 'T003'],
    ["**Depends**: T003's tables, T004 - 2 forms", 'T003 T004'],
    ['**Depends on**:\n- T001\n- T004 (the form)', 'T001 T004'],
    ['#### Dependencies\n\n- T002', 'T002'],
  ])('%j', (line, ids) => {
    if (ids.includes('T008'))
      expect(() => spelled(line)).toThrow('depends on "T008", which is not in the plan');
    else expect(spelled(line)).toBe(ids);
  });

  test('a remark that is not in parentheses is told of, and names no task', () => {
    const text =
      '### T001: a\n\n### T002: b\n**Depends**: T001, **Issue #125 (Blocked By)**, all of phase T001\n';
    expect(waits(text)).toEqual({ T001: '', T002: 'T001' });
    expect(warned(text)).toEqual([
      'tasks.md:4:1: warning: task T002: "Issue #125" among its dependencies names no task and is passed over. Put remarks in parentheses.',
    ]);
  });

  test('a task may say whom it blocks', () => {
    expect(waits('### T001: a\n**Blocks**: T002, T003\n\n### T002: b\n\n### T003: c\n')).toEqual({
      ...{ T001: '', T002: 'T001', T003: 'T001' },
    });
  });
});

describe('the files of a task', () => {
  const filesOf = (lines: string): string[] => [
    ...(read(`### T001: a\n${lines}\n`).plan.tasks[0]?.files ?? []),
  ];

  test.each([
    ['**Files**: `src/a.ts:12`, `src/b.ts:45-60`', ['src/a.ts', 'src/b.ts']],
    ['**File(s)**:\n- `a.md`\n- `b/c.md` (delete)\n**Type**: Modify', ['a.md', 'b/c.md']],
    ['**Files**: src/a.ts, src/b.ts', ['src/a.ts', 'src/b.ts']],
    ['**Files**: `VERSION`, `Makefile`, `x.json`', ['VERSION', 'Makefile', 'x.json']],
    ['**Files**: `a/b.md` (and any other found by `grep -r x/y.md`)', ['a/b.md']],
    ['**File(s)**: No persistent file changes; see `steering/tech.md`', []],
    ['**Files**: None — runs `/verify`', []],
    ['**Files**: TBD', []],
    [
      '- **Files**:\n  - Create: `src/a.ts`\n  - Modify: `src/b.ts:1-9`\n- [ ] edit `src/c.ts`',
      ['src/a.ts', 'src/b.ts'],
    ],
    ['**Create**: src/a.ts\n**Modify**: `b.ts`', ['src/a.ts', 'b.ts']],
    ['**Create**: a form with and/or', []],
  ])('%j', (lines, files) => {
    expect(filesOf(lines)).toEqual(files);
  });

  test('one that is only looked at is shared', () => {
    const text =
      '### T001: a\n**Files**: a.ts\n**Type**: Read\n\n### T002: b\n**Files**: a.ts\n**Type**: Verify (no file changes)\n\n### T003: c\n**Type**: Verify\n';
    expect(read(text).plan.tasks.map(({ access, type }) => [access, type])).toEqual([
      ['read', 'read'],
      ['read', 'verify'],
      ['write', 'verify'],
    ]);
  });
});

const GROUPS = `# Tasks: Tide gauge

# Wave 1

## Group: Float
**Purpose**: readings
**Constraints**: no new packages

- [ ] Read the float
  - **Acceptance**: a reading each second
  - **Files**: src/float.ts
  - [ ] open the port
- [x] Keep **the** readings
- **Files**: \`src/store.ts\`

## Group: Page
**Depends on**: [Float]

- [ ] Show a day

# Wave 2

## Group: Paper, printed
**Depends on**: None

- [ ] T007: Print it

## Acceptance criteria

- [ ] it works
`;

describe('groups of tasks without numbers', () => {
  test('their boxes are the tasks, and a group waits for all of those it names', () => {
    expect(told(GROUPS)).toEqual([
      '- G1-1 P2 w0 | Read the float |  | src/float.ts',
      'x G1-2 P2 w0 | Keep the readings |  | src/store.ts',
      '- G2-1 P2 w0 | Show a day | G1-1 G1-2 | ',
      '- T007 P2 w1 | Print it |  | ',
    ]);
    expect(warned(GROUPS)).toEqual([]);
    expect(promptOf(GROUPS)).toContain(
      '"Float":\n\n**Purpose**: readings\n**Constraints**: no new packages\n',
    );
  });

  test('what a wave needs is as early as it', () => {
    const text = GROUPS.replace('[Float]', 'Paper, printed');
    expect(told(text).map(line => line.slice(0, 12))).toContain('- T007 P2 w0');
    expect(warned(text)).toEqual([
      'tasks.md:26:1: warning: task T007 (of a later wave) is needed by task G2-1, and is run as early as it. Put it where it is needed, or take the dependency out.',
    ]);
  });

  test('a name that is none and a group that waits for itself are refused', () => {
    expect(refused(GROUPS.replace('[Float]', '[Flaot, Page]'))).toEqual([
      'tasks.md:17:1: error: group Page depends on "Flaot", which is no group of the plan. Did you mean Float?',
      'tasks.md:17:1: error: group Page depends on itself. Take it out of Depends on.',
    ]);
  });

  test('a circle of groups is shown by its tasks', () => {
    const text = '## Group: A\n**Depends on**: B\n- [ ] a\n\n## Group: B\n**Depends on**: A\n- [ ] b\n';
    expect(refused(text)).toEqual([
      'tasks.md:2:1: error: tasks depend on each other in a circle: G1-1 → G2-1 → G1-1. Take one of these dependencies out.',
    ]);
  });
});

describe('what an agent is told', () => {
  test('title, files, steps and success; no order, and no ticks, which change during a run', () => {
    const prompt = promptOf(PLAN);
    expect(prompt).toContain('"Tide gauge": T001, Read the float.');
    expect(prompt).toContain('Its files: src/float.ts. Create, change or delete no others');
    expect(prompt).toContain('**Success**: a reading each second\n- open the port\n- read a line\n');
    expect(prompt).not.toMatch(/Depends|\[.\]|T002/);
    expect(promptOf(PLAN.replace('- [ ] open', '- [x] open'))).toBe(prompt);
  });

  test('that it changes nothing, if it only reads; that it names no files, if it names none', () => {
    expect(promptOf('### T001: a\n**Type**: Read\n**Files**: a.ts\n')).toContain(
      'It changes no file. These are its files to read: a.ts.',
    );
    expect(promptOf('### T001: a\n')).toContain('It names no files');
  });
});

describe('a tasks file that cannot be run is refused with all that is wrong', () => {
  test('places', () => {
    const text = `### T001: a
**Depends**: T01, T001

### T002: b
**Depends**: T007–T003, T001-T2001
**Files**: ../out.ts, /etc/passwd

### T001: c

### T003: d
**Type**: Cretae
`;
    expect(refused(text)).toEqual([
      'tasks.md:1:1: error: task id T001 is used more than once: first here.',
      'tasks.md:2:1: error: task T001 depends on "T01", which is not in the plan. Did you mean T001?',
      'tasks.md:2:1: error: task T001 depends on itself. Take it out of Depends.',
      'tasks.md:5:1: error: task T002: the range T007–T003 runs backwards. Write T003–T007.',
      'tasks.md:5:1: error: task T002: the range T001–T2001 is of 2001 tasks, and 1000 are the most. Name the tasks that are meant.',
      'tasks.md:6:1: error: task T002: files: "../out.ts" leaves the repo; write it relative to the repo\'s root.',
      'tasks.md:6:1: error: task T002: files: "/etc/passwd" is not inside the repo; write it relative to the repo\'s root.',
      'tasks.md:8:1: error: task id T001 is used more than once: again here. Give each task an id of its own.',
      'tasks.md:11:1: warning: task T003: type "cretae" is not known here, and says nothing of its files. Did you mean Create?',
    ]);
  });

  test('a circle is shown', () => {
    expect(
      refused(
        '### T001: a\n**Depends**: T003\n\n### T002: b\n**Depends**: T001\n\n### T003: c\nDepends: T002\n',
      ),
    ).toEqual([
      'tasks.md:2:1: error: tasks depend on each other in a circle: T001 → T003 → T002 → T001. Take one of these dependencies out.',
    ]);
  });

  test('no task', () => {
    expect(refused('# Tasks: none\n\n- [ ] T001: a box is a step\n')).toEqual([
      'tasks.md: error: no task was found: neither a heading such as "### T001: Name" nor a box below "## Group: Name". Write each task as a heading with its id; boxes below it are its steps.',
    ]);
  });

  test('what is too large', () => {
    expect(said(readPlan({ text: `${PLAN}${'x'.repeat(4 * 1024 ** 2)}`, file: 'tasks.md' }))).toEqual([
      'tasks.md: error: the file is larger than the 4 MiB that are read of YAML and Markdown. Write a plan of this size as JSON.',
    ]);
  });
});
