import { describe, expect, test } from '@jest/globals';
import { readPlan } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

const TASKS = ['T001', 'T002', 'T003', 'T004', 'T005', 'T006'].map(id => `### ${id}: a\n\n`).join('');

/** What a section about dependencies makes of six tasks: `T002<T001` is "T002 waits for T001". */
function read(section: string, heading = '## Dependencies'): string {
  const { plan, warnings } = valueOf(
    readPlan({ text: `${TASKS}${heading}\n\n${section}\n`, file: 'tasks.md' }),
  );
  expect(warnings).toEqual([]);
  return plan.tasks.flatMap(({ id, dependsOn }) => dependsOn.map(before => `${id}<${before}`)).join(' ');
}
const refused = (section: string): string[] =>
  said(readPlan({ text: `${TASKS}## Dependencies\n\n${section}\n`, file: 'tasks.md' }));
const fenced = (text: string): string => `\`\`\`\n${text}\n\`\`\``;

describe('a line of the section about dependencies', () => {
  test.each([
    ['T001 → T002', 'T002<T001'],
    ['- T001 → T002 → T003', 'T002<T001 T003<T002'],
    ['T001 -> T002', 'T002<T001'],
    ['T001 --> T002', 'T002<T001'],
    ['T001 => T002', 'T002<T001'],
    ['T001->T002', 'T002<T001'],
    ['T002 ← T001', 'T002<T001'],
    ['T002 <- T001', 'T002<T001'],
    ['T001 <-> T002', ''],
    ['`T001` → **T002**', 'T002<T001'],
    ['T001, T002 → T003', 'T003<T001 T003<T002'],
    ['T001 → T002, T003', 'T002<T001 T003<T001'],
    ['T001 → [T002, T003]', 'T002<T001 T003<T001'],
    ['T001–T003 → T005', 'T005<T001 T005<T002 T005<T003'],
    ['(T001, T002) → T003', 'T003<T001 T003<T002'],
    ['T001 (float) → T002 (store)', 'T002<T001'],
    ['T001: read the float → T002: keep it', 'T002<T001'],
    ['T001 (old->new) → T002', 'T002<T001'],
    ['T001[Float] --> T002[Store]', 'T002<T001'],
    ['T001 -->|when done| T002', 'T002<T001'],
    ['T003 blocks T004', 'T004<T003'],
    ['- **T003** blocks **T004**, T005', 'T004<T003 T005<T003'],
    ['T002 depends on T001', 'T002<T001'],
    ['T002: depends on T001 (its tables)', 'T002<T001'],
    ['T002 and T003 depend on T001', 'T002<T001 T003<T001'],
    ['T002 requires T001.', 'T002<T001'],
    ['T002 is blocked by T001 because of its tables', 'T002<T001'],
    ['T002 after T001', 'T002<T001'],
    ['T001 must be finished before T002 can start', 'T002<T001'],
    ['T004 runs after T001-T003', 'T004<T001 T004<T002 T004<T003'],
  ])('%j', (line, edges) => {
    expect(read(line)).toBe(edges);
  });

  test.each([
    ['T003 (the page) can be written in parallel with T001, since it derives from it.'],
    ['T004 edits the page and depends on T001 only for its shared block.'],
    ['T002 and T003 can run at once as soon as T001 lands.'],
    ['All of phase 1 → T003'],
    ['T001 --- T002'],
    ['When T001 → the store is there'],
    ['| T001 | T002 |\n|------|------|\n| T003 | T004 |'],
    ['<!-- T001 --> T002'],
    ['T003 blocks nothing'],
    ['T001 (before T002)'],
  ])('%j is a remark', line => {
    expect(read(line)).toBe('');
  });

  test('counts in a fence, and in such a section only', () => {
    expect(read(fenced('T001 --> T002\nT003 blocks T004'))).toBe('T002<T001 T004<T003');
    expect(read('T001 → T002', '## Dependency Graph')).toBe('T002<T001');
    expect(read('T001 → T002', '## Notes')).toBe('');
    expect(read('none\n\n## Notes\n\nT001 → T002')).toBe('');
  });
});

describe('a drawing', () => {
  test.each([
    ['a branch below a node', 'T001 ──> T002\n     └─> T003', 'T002<T001 T003<T001'],
    [
      'a branch below a later node',
      'T001 -> T002 -> T003\n        └─> T004',
      'T002<T001 T003<T002 T004<T002',
    ],
    ['a tree', 'T001\n├── T002\n│   └── T003\n└── T004', 'T002<T001 T003<T002 T004<T001'],
    ['a tree in ASCII', 'T001\n|-- T002\n|   `-- T003\n+-> T004', 'T002<T001 T003<T002 T004<T001'],
    ['downwards', 'T001\n  │\n  ▼\nT002\n  ↓\nT003', 'T002<T001 T003<T002'],
    ['downwards in ASCII', 'T001\n |\n v\nT002', 'T002<T001'],
    ['upwards', 'T002\n ▲\n │\nT001', 'T002<T001'],
    [
      'branches that share a stem',
      'T001 ──┬──▶ T002 ──▶ T003\n       │\n       ├──▶ T004\n       └──▶ T005, T006',
      'T002<T001 T003<T002 T004<T001 T005<T001 T006<T001',
    ],
    [
      'lines that meet',
      'T001 ────┐\n         ├──▶ T003\nT002 ────┘\nT004 ──▶ T005',
      'T003<T001 T003<T002 T005<T004',
    ],
    [
      'lines that pass each other',
      `T001 ──▶ T002 ─────────┐
                       │
T003 ──┐               ▼
       └──▶ T004 ──▶ T005
              ▲
              │
            T006`,
      'T002<T001 T004<T003 T004<T006 T005<T002 T005<T004',
    ],
    [
      'a line between others',
      `T001 ──┐    T003 ──┼─┐
       │           │ │
       └──▶ T002 ──┘ └──▶ T004`,
      'T002<T001 T004<T003 T004<T002',
    ],
    ['an arrow from a remark', 'T003 ◀── (T001+T002 outputs)', ''],
    ['an arrow from elsewhere', 'Ticket #12 ──▶ T003', ''],
    ['a line that leads nowhere', 'T001 ──┐\n\nT002 ◀─', ''],
  ])('%s', (_name, text, edges) => {
    expect(read(fenced(text))).toBe(edges);
  });
});

describe('what is wrong there has its line', () => {
  test('tasks that are not there', () => {
    expect(refused('T001 → T009\n\nT010 blocks T002')).toEqual([
      'tasks.md:15:1: error: task T009, which is said to wait for T001, is not in the plan. Did you mean T001?',
      'tasks.md:17:1: error: task T002 depends on "T010", which is not in the plan.',
    ]);
  });

  test('a range that runs backwards', () => {
    expect(refused('T003–T001 → T004')).toEqual([
      'tasks.md:15:1: error: the range T003–T001 runs backwards. Write T001–T003.',
    ]);
  });

  test('a circle of what tasks say and what is drawn', () => {
    const text = `### T001: a\n**Depends**: T002\n\n### T002: b\n\n## Dependencies\n\nT001 → T002\n`;
    expect(said(readPlan({ text, file: 'tasks.md' }))).toEqual([
      'tasks.md:2:1: error: tasks depend on each other in a circle: T001 → T002 → T001. Take one of these dependencies out.',
    ]);
  });

  test('far too many', () => {
    const all = Array.from({ length: 900 }, (_, id) => `### T${String(id + 1).padStart(3, '0')}: a\n`).join(
      '',
    );
    const text = `${all}## Dependencies\n${'T001-T899 → T900\nT001-T450 → T451-T899\n'.repeat(3)}`;
    expect(said(readPlan({ text, file: 'tasks.md' }))).toEqual([
      'tasks.md:1:1: error: its ranges, groups and drawings name far more dependencies than are read.',
    ]);
  });
});
