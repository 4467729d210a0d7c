import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import type { AskedPlan } from '../../../bus-schema/plan.js';
import { executionPlan } from '../../../daemon/plan/execution-plan.js';
import { obeyExecutionPlan } from '../../../daemon/plan/obeyed-plan.js';
import type { PlanReading } from '../../../daemon/plan/reading.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { said, valueOf } from './said.js';

const TEXT = `## P0
### T001: a
**Files**: a.ts (new)
### T002: b
**Files**: b.ts
## P1
### T003: c
**Files**: a.ts
### T004: d
**Depends**: T003
### T005: e
**Files**: b.ts
`;
const asked = (): AskedPlan => valueOf(readPlan({ text: TEXT, file: '/r/tasks.md' })).plan;
const FILE = 'execution-plan.json';

describe('execution-plan.json', () => {
  test('says of each group what its workers do, and why', () => {
    const plan = valueOf(resolvePlan(asked(), { maxParallel: 2 }, {}));
    expect(executionPlan(plan, '2026-11-21T10:00:00Z')).toEqual({
      generated_at: '2026-11-21T10:00:00Z',
      generated_by: 'signalbox',
      total_tasks: 5,
      total_groups: 3,
      groups: [
        {
          ...{ id: 'G1', priority: 'P0', parallel: true, tasks: ['T001', 'T002'], workers_needed: 2 },
          files_modified: ['a.ts', 'b.ts'],
          ...{ estimated_time_seconds: 30, dependencies_waiting: [] },
          rationale: 'P0: 2 tasks that share no file and do not wait for each other; waits for no other task',
        },
        {
          ...{ id: 'G2', priority: 'P1', parallel: true, tasks: ['T003', 'T005'], workers_needed: 2 },
          files_modified: ['a.ts', 'b.ts'],
          ...{ estimated_time_seconds: 30, dependencies_waiting: ['T001'] },
          rationale: 'P1: 2 tasks that share no file and do not wait for each other; comes after T001',
        },
        {
          ...{ id: 'G3', priority: 'P1', parallel: false, tasks: ['T004'], workers_needed: 1 },
          files_modified: [],
          ...{ estimated_time_seconds: 30, dependencies_waiting: ['T003'] },
          rationale: 'P1: one task; comes after T003',
        },
      ],
      optimizations_applied: [
        'more urgent priorities first',
        '2 of 3 groups run in parallel',
        'tasks that share a file are kept apart',
      ],
      conflict_map: { 'a.ts': ['T001', 'T003'], 'b.ts': ['T002', 'T005'] },
      estimated_total_time: 90,
      parallelism_score: 1.67,
    });
  });

  test('of ours changes nothing when it is read again', () => {
    const text = JSON.stringify(executionPlan(valueOf(resolvePlan(asked(), {}, {})), ''));
    expect(valueOf(obeyExecutionPlan(asked(), text, FILE))).toEqual({ plan: asked(), warnings: [] });
  });
});

describe('an execution plan that somebody else wrote is obeyed', () => {
  const obey = (groups: unknown, more: object = {}): PlanReading =>
    valueOf(obeyExecutionPlan(asked(), JSON.stringify({ groups, ...more }), FILE));
  const refused = (text: string): string[] => said(obeyExecutionPlan(asked(), text, FILE));
  const waves = ({ plan }: PlanReading): string =>
    plan.tasks.map(({ id, wave }) => `${id} ${wave ?? '?'}`).join(', ');
  const warned = ({ warnings }: PlanReading): string[] => warnings.map(formatDiagnostic);

  test('its groups run one after the other, whatever else it holds', () => {
    const read = obey(
      [
        { id: 'G1', tasks: ['T002'], priority: 'P0', rationale: 'x' },
        { id: 'G2', tasks: ['T001', { id: 'T005', file: 'b.ts' }], parallel: true },
        { id: 3, tasks: ['T003'] },
        { tasks: ['T004'] },
      ],
      { total_groups: 99, conflict_map: null, generated_by: 'task-manager' },
    );
    expect(waves(read)).toBe('T001 1, T002 0, T003 2, T004 3, T005 1');
    expect(read.plan.groups).toEqual([
      { id: 'G1', tasks: ['T002'], conflictFree: true },
      { id: 'G2', tasks: ['T001', 'T005'], conflictFree: true },
      { id: '3', tasks: ['T003'], conflictFree: true },
      { id: 'G4', tasks: ['T004'], conflictFree: true },
    ]);
    expect(warned(read)).toEqual([]);
  });

  test('the tasks of a group that is not parallel run one after the other', () => {
    const read = obey([
      { id: 'G1', tasks: ['T002', 'T001'], parallel: false },
      { id: 'G2', tasks: ['T003', 'T004', 'T005'] },
    ]);
    expect(waves(read)).toBe('T001 1, T002 0, T003 2, T004 2, T005 2');
  });

  test('a task in no group comes last; a done one need not be named', () => {
    const read = obey([
      { id: 'G1', tasks: ['T001'] },
      { id: 'G2', tasks: ['T002', 'T003'] },
    ]);
    expect(waves(read)).toBe('T001 0, T002 1, T003 1, T004 2, T005 2');
    expect(warned(read)).toEqual([
      'execution-plan.json:1:11: warning: tasks T004, T005 are in no group, and come behind all groups. Name each task in a group.',
    ]);
    const plan = asked();
    const done = { ...plan, tasks: plan.tasks.map(task => ({ ...task, done: task.id !== 'T004' })) };
    const text = JSON.stringify({ groups: [{ id: 'G1', tasks: ['T004'] }] });
    const one = valueOf(obeyExecutionPlan(done, text, FILE));
    expect(waves(one)).toBe('T001 0, T002 0, T003 0, T004 0, T005 0');
    expect(warned(one)).toEqual([]);
  });

  test('unknown tasks and shared files are worth a warning', () => {
    const read = obey([
      { id: 'G1', tasks: ['T001', 'T02', 'T002', 'T005'] },
      { id: 'G2', tasks: ['T003', 'T004'] },
    ]);
    expect(warned(read)).toEqual([
      'execution-plan.json:1:12: warning: group G1: tasks T002 and T005 share b.ts. They will run one after the other.',
      'execution-plan.json:1:39: warning: group G1 names task "T02", which is not in the plan. Did you mean T002?',
    ]);
    expect(read.plan.groups[0]).toEqual({ id: 'G1', tasks: ['T001', 'T002', 'T005'], conflictFree: false });
  });

  test('a task that is named twice, and dependencies on what comes later, are refused', () => {
    expect(
      refused(
        '{"groups": [{"id": "G1", "tasks": ["T001", "T002"]},\n{"id": "G2", "tasks": ["T001", "T003", "T005"]}]}',
      ),
    ).toEqual([
      'execution-plan.json:1:12: warning: task T004 is in no group, and comes behind all groups. Name each task in a group.',
      'execution-plan.json:2:24: error: task T001 is in group G1 and again in group G2. Name each task once.',
    ]);
    expect(
      refused(
        '{"groups": [{"id": "G1", "tasks": ["T003"]},\n{"id": "G2", "tasks": ["T001", "T002", "T004"]}, {"id": "G3", "tasks": ["T005"]}]}',
      ),
    ).toEqual([
      'execution-plan.json:1:36: error: task T003 in group G1 depends on task T001, which is in group G2. Put it into an earlier group than what depends on it.',
    ]);
    expect(refused('{"groups": [{"id": "G1", "tasks": ["T001", "T002", "T004", "T005"]}]}')).toContain(
      'execution-plan.json:1:52: error: task T004 in group G1 depends on task T003, which is in no group, and so behind all of them. Put it into an earlier group than what depends on it.',
    );
  });

  test.each([
    ['{', 'execution-plan.json:1:2: error: not valid JSON: close brace expected.'],
    [
      '[]',
      'execution-plan.json:1:1: error: the execution plan: invalid input: expected object, received array.',
    ],
    [
      '{"groups": 3}',
      'execution-plan.json:1:12: error: groups: invalid input: expected array, received number.',
    ],
    [
      '{"groups": [{"tasks": [7]}]}',
      'execution-plan.json:1:24: error: groups.0.tasks.0: a task is its id, or a mapping with an id.',
    ],
  ])('%s is refused', (text, message) => {
    expect(refused(text)).toEqual([message]);
  });
});
