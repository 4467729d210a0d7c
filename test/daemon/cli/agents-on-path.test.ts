import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findProgram, missingPrograms } from '../../../daemon/cli/agents-on-path.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { freshFolder } from '../../fresh-folder.js';

test('a program is an executable file in one of the folders of a PATH', () => {
  const { path, remove } = freshFolder();
  const put = (name: string, mode: number): void => {
    writeFileSync(join(path, name), '');
    chmodSync(join(path, name), mode);
  };
  put('tool', 0o755);
  put('text', 0o644);
  mkdirSync(join(path, 'folder'));
  expect(findProgram('tool', `/nowhere:${path}`)).toBe(join(path, 'tool'));
  expect(findProgram(join(path, 'tool'), '')).toBe(join(path, 'tool'));
  for (const name of ['text', 'folder', 'gone']) expect(findProgram(name, path)).toBeUndefined();
  expect(findProgram('tool', ':.')).toBeUndefined();
  remove();
});

test('the agents of a plan that are not there, each once; shell commands are not looked for', () => {
  const text = JSON.stringify({
    signalbox: 1,
    tasks: [
      { id: 'a', agent: 'claude', prompt: 'x' },
      { id: 'b', agent: 'claude', prompt: 'y' },
      { id: 'c', agent: 'codex', prompt: 'z' },
      { id: 'd', command: 'no-such-program' },
    ],
  });
  const read = readPlan({ text, file: '-' });
  const plan = read.ok ? resolvePlan(read.value.plan, {}, {}) : read;
  const { path, remove } = freshFolder();
  writeFileSync(join(path, 'codex'), '');
  chmodSync(join(path, 'codex'), 0o755);
  expect(plan.ok ? missingPrograms(plan.value, path) : plan.error).toEqual(['claude']);
  remove();
});
