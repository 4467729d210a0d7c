import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../bus-schema/diagnostic.js';
import { loadPlan, preparePlan } from '../../daemon/load-plan.js';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { said, valueOf } from './plan/said.js';

const TEXT = '### T001: a\n\n### T002: b\n';
let fresh: FreshFolder;
let folder: string;
let file: string;
let executionPlan: string;

beforeEach(() => {
  fresh = freshFolder();
  folder = fresh.path;
  file = join(folder, 'tasks.md');
  executionPlan = join(folder, 'parallel-session', 'execution-plan.json');
  writeFileSync(file, TEXT);
  mkdirSync(join(folder, 'parallel-session'));
});

afterEach(() => {
  fresh.remove();
});

const load = () => loadPlan(file, { timeoutMs: 1000 }, {});

describe('a tasks file has its session folder beside it', () => {
  test('and no plan of groups there is no plan to obey', () => {
    const { plan, warnings } = valueOf(load());
    expect(plan.workspace).toBe(join(folder, 'parallel-session'));
    expect(plan.tasks.map(({ wave }) => wave)).toEqual([0, 0]);
    expect(warnings).toEqual([]);
  });

  test('a plan of groups there is obeyed', () => {
    writeFileSync(
      executionPlan,
      '{"groups": [{"id": "G1", "tasks": ["T002"]}, {"id": "G2", "tasks": ["T001", "T9"]}]}',
    );
    const { plan, warnings } = valueOf(load());
    expect(plan.tasks.map(({ wave }) => wave)).toEqual([1, 0]);
    expect(plan.workspace).toBe(join(folder, 'parallel-session'));
    expect(warnings.map(formatDiagnostic)).toEqual([
      `${executionPlan}:1:77: warning: group G2 names task "T9", which is not in the plan.`,
    ]);
  });

  test('unless it is ours', () => {
    writeFileSync(
      executionPlan,
      '{"generated_by": "signalbox", "groups": [{"id": "G1", "tasks": ["T002"]}]}',
    );
    expect(valueOf(load()).plan.tasks.map(({ wave }) => wave)).toEqual([0, 0]);
  });

  test('one that cannot be read or is wrong is refused', () => {
    writeFileSync(executionPlan, '{"groups": 1}');
    expect(said(load())).toEqual([
      `${executionPlan}:1:12: error: groups: invalid input: expected array, received number.`,
    ]);
    writeFileSync(executionPlan, ' '.repeat(4 * 1024 ** 2 + 1));
    expect(said(load())).toEqual([
      expect.stringContaining(`${executionPlan}: error: the execution plan cannot be read: `),
    ]);
  });

  test('what came by standard input has the folder it is given, or none', () => {
    expect(valueOf(preparePlan(TEXT, { file: '-' }, {}, {})).plan.workspace).toBeUndefined();
    const given = preparePlan(TEXT, { file: '-', workspace: join(folder, 'w') }, {}, {});
    expect(valueOf(given).plan.workspace).toBe(join(folder, 'w'));
  });
});

test('warnings of the reading and of what was settled come together', () => {
  writeFileSync(file, '### T001: a\n**Type**: Ponder\n');
  expect(valueOf(loadPlan(file, {}, {})).warnings.map(({ message }) => message)).toEqual([
    'task T001: type "ponder" is not known here, and says nothing of its files',
    'each task has 30 s, which is too short for most agents',
  ]);
});
