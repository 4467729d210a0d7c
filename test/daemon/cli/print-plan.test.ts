import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../../../bus-schema/plan.js';
import { printPlan } from '../../../daemon/cli/print-plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';

function planOf(tasks: readonly object[], more: object = {}): Plan {
  const read = readPlan({ text: JSON.stringify({ signalbox: 1, name: 'demo', ...more, tasks }), file: '-' });
  const resolved = read.ok ? resolvePlan(read.value.plan, {}, {}) : read;
  if (!resolved.ok) throw new Error(resolved.error.map(each => each.message).join('\n'));
  return resolved.value;
}

const DIAMOND = planOf(
  [
    { id: 'a', command: 'x', files: ['src/'], estimate: '1m' },
    { id: 'b', command: 'x', depends_on: ['a'], files: ['src/b.ts'], access: 'read', estimate: '5m' },
    { id: 'c', command: 'x', depends_on: ['a'], files: ['out'], type: 'code', estimate: '1m' },
    { id: 'd', agent: 'claude', prompt: 'go', depends_on: ['b', 'c'], files: ['lone'], estimate: '1m' },
  ],
  { limits: { code: 2 } },
);

describe('a plan as text', () => {
  test('shows waves, critical path, shared locks and limits', () => {
    expect(printPlan(DIAMOND, 'text')).toBe(
      [
        'plan demo: 4 tasks, at most 5 at once, schedule dag, on failure continue',
        'from standard input (native format)',
        'runs 3 × shell commands, 1 × agent claude',
        'each for at most 30m00s, with 2 retries',
        '',
        'waves:',
        '  1: a',
        '  2: b, c',
        '  3: d',
        '',
        'critical path:',
        '  a → b → d (7m00s)',
        '',
        'locks:',
        '  src: a; overlaps src/b.ts',
        '  src/b.ts: b (reads); overlaps src',
        '  2 more paths, each of one task alone',
        '',
        'limits:',
        '  code: 2 at once',
        '',
      ].join('\n'),
    );
  });

  test('a large plan stays readable', () => {
    const tasks = Array.from({ length: 3000 }, (_, index) => ({
      id: `t${index}`,
      command: 'x',
      files: [`f${index % 60}`],
    }));
    const lines = printPlan(planOf(tasks), 'text').split('\n');
    expect(lines.length).toBeLessThan(60);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(400);
    expect(lines.join('\n')).toContain('and 2980 more');
  });
});

describe('a plan as JSON', () => {
  test('holds the whole plan and what it amounts to', () => {
    const shown = JSON.parse(printPlan(DIAMOND, 'json')) as Record<string, unknown>;
    expect(shown).toMatchObject({
      plan: JSON.parse(JSON.stringify(DIAMOND)) as object,
      waves: [['a'], ['b', 'c'], ['d']],
      criticalPath: { path: ['a', 'b', 'd'], ms: 420_000 },
    });
    expect(shown.locks).toContainEqual({
      path: 'src',
      tasks: [{ id: 'a', access: 'write' }],
      overlaps: ['src/b.ts'],
    });
  });
});

describe('a plan as Mermaid', () => {
  test('has a node for each task, an arrow for each dependency, and marks', () => {
    const chart = printPlan(DIAMOND, 'mermaid').split('\n');
    expect(chart[0]).toBe('flowchart LR');
    expect(chart).toContain('  t0["a"]:::critical');
    expect(chart).toContain('  t2["c"]');
    expect(chart.filter(line => line.includes('-->'))).toEqual([
      '  t0 --> t1',
      '  t0 --> t2',
      '  t1 --> t3',
      '  t2 --> t3',
    ]);
  });

  test('no title can end its label or begin markup', () => {
    const titles = ['say "hi"', '<script>alert(1)</script>', '`md`', 'a]; b --> c', '#35;', 'two\nlines'];
    const chart = printPlan(
      planOf(titles.map((title, index) => ({ id: `t${index}`, title, command: 'x' }))),
      'mermaid',
    );
    for (const label of chart.matchAll(/^ {2}t\d+\["(.*)"\]/gm))
      expect(label[1]?.replace('<br>', '').replace(/#\d+;/g, '')).toMatch(/^[\w .:\-/=>]*$/);
    expect([...chart.matchAll(/^ {2}t\d+\[/gm)]).toHaveLength(titles.length);
  });
});
