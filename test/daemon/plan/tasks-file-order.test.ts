import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { readPlan, type PlanReading } from '../../../daemon/plan/read.js';
import { valueOf } from './said.js';

const read = (text: string): PlanReading => valueOf(readPlan({ text, file: 'tasks.md' }));
const warned = (text: string): string[] => read(text).warnings.map(formatDiagnostic);
const waits = (text: string): Record<string, string> =>
  Object.fromEntries(read(text).plan.tasks.map(({ id, dependsOn }) => [id, dependsOn.join(' ')]));
/** `T001 P0 w0` */
const placed = (text: string): string[] =>
  read(text).plan.tasks.map(({ id, priority, wave }) => `${id} P${priority} w${wave ?? '?'}`);

describe('a task that makes a file', () => {
  const made = (type: string, more = ''): string =>
    `### T001: user\n**Files**: src/a.ts\n${more}\n\n### T002: maker\n${type}\n`;

  test.each([
    ['**Type**: Create\n**Files**: src/a.ts'],
    ['**Files**: src/a.ts (new)'],
    ['**Files**:\n- `src/a.ts` (create — moved from `b.ts`)\n- `src/b.ts` (delete)'],
    ['**Files**:\n- Create: `src/a.ts`'],
    ['**Create**: src/a.ts'],
  ])('goes before those that use it: %j', type => {
    expect(waits(made(type))).toEqual({ T001: 'T002', T002: '' });
  });

  test('is not waited for once more by those that wait anyway', () => {
    const text =
      '### T001: a\n**Type**: Create\n**Files**: x.ts\n\n### T002: b\n**Depends**: T001\n**Files**: y.ts\n\n### T003: c\n**Depends**: T002\n**Files**: x.ts\n';
    expect(waits(text)).toEqual({ T001: '', T002: 'T001', T003: 'T002' });
  });

  test('does not if the author says the opposite, and is told so', () => {
    const text = made('**Type**: Create\n**Files**: src/a.ts\n**Depends**: T001');
    expect(waits(text)).toEqual({ T001: '', T002: 'T001' });
    expect(warned(text)).toEqual([
      'tasks.md:1:1: warning: task T001 uses src/a.ts, which task T002 creates, but goes before it. Turn the dependency round if that is not meant.',
    ]);
  });

  test('two that make what the other uses: the first in the file goes first', () => {
    const text =
      '### T001: a\n**Files**: `a.ts` (new), `b.ts`\n\n### T002: b\n**Files**: `b.ts` (new), `a.ts`\n';
    expect(waits(text)).toEqual({ T001: '', T002: 'T001' });
    expect(warned(text)).toHaveLength(1);
  });

  test('two that make the same are worth a warning', () => {
    const text =
      '### T001: a\n**Files**: a.ts (new)\n\n### T002: b\n**Files**: a.ts (new)\n\n### T003: c\n**Files**: a.ts\n';
    expect(waits(text)).toEqual({ T001: '', T002: '', T003: 'T001 T002' });
    expect(warned(text)).toEqual([
      'tasks.md:4:1: warning: tasks T001 and T002 both create a.ts. Let one of them modify it, and depend on the other.',
    ]);
  });
});

describe('urgency', () => {
  test('what an urgent task needs is as urgent, at any distance', () => {
    const text =
      '## P0\n### T001: a\n**Depends**: T002\n## P2\n### T002: b\n**Depends**: T003\n## P3\n### T003: c\n### T004: d\n';
    expect(placed(text)).toEqual([...['T001 P0 w0', 'T002 P0 w0', 'T003 P0 w0', 'T004 P3 w1']]);
    expect(warned(text)).toEqual([
      'tasks.md:5:1: warning: task T002 (P2) is needed by task T001 (P0), and is run as urgent as it. Put it where it is needed, or take the dependency out.',
      'tasks.md:8:1: warning: task T003 (P3) is needed by task T002 (P2), and is run as urgent as it. Put it where it is needed, or take the dependency out.',
    ]);
  });

  test('one without a priority stands between P1 and P3', () => {
    const text = '### T001: a\n## P3\n### T002: b\n## P1\n### T003: c\n';
    expect(placed(text)).toEqual(['T001 P2 w1', 'T002 P3 w2', 'T003 P1 w0']);
  });
});
