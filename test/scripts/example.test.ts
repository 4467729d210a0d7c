import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { ROOT } from '../tidy/source.js';

const planText = readFileSync(
  join(ROOT, 'docs/example/conductor/tracks/word-atlas_20261121/plan.md'),
  'utf8',
);
const [, block] = /```yaml\n([\s\S]*?)```/.exec(planText) ?? [];
const { dag } = z
  .object({
    dag: z.object({
      nodes: z.array(z.object({ id: z.string(), name: z.string(), depends_on: z.array(z.string()) })),
      parallel_groups: z.array(z.object({ tasks: z.array(z.string()) })),
    }),
  })
  .parse(parse(block ?? ''));
const ids = dag.nodes.map(node => node.id);

let repo: FreshFolder;
beforeEach(() => {
  repo = freshFolder();
  cpSync(join(ROOT, 'docs/example'), repo.path, { recursive: true });
  // The pauses are for the eye alone.
  mkdirSync(join(repo.path, 'awake'));
  writeFileSync(join(repo.path, 'awake/sleep'), '#!/bin/sh\n', { mode: 0o755 });
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', 'commit', '-q', '-m', 'x'],
  ])
    expect(spawnSync('git', args, { cwd: repo.path }).status).toBe(0);
});
afterEach(() => {
  repo.remove();
});

const work = (id: string): ReturnType<typeof spawnSync> =>
  spawnSync('sh', ['tools/work.sh'], {
    cwd: repo.path,
    encoding: 'utf8',
    env: { PATH: `${join(repo.path, 'awake')}:${process.env.PATH ?? ''}`, SIGNALBOX_TASK_ID: id },
  });

describe('the bundled example', () => {
  test('graph and boxes name the same tasks, none of them done', () => {
    const boxes = [...planText.matchAll(/^- \[ \] Task (\S+): (.*?) <!--/gm)].map(([, id, name]) => ({
      id,
      name,
    }));
    expect(boxes).toEqual(dag.nodes.map(({ id, name }) => ({ id, name })));
    for (const { tasks } of dag.parallel_groups) expect(ids).toEqual(expect.arrayContaining(tasks));
  });

  test('in the order of the plan every task does its work, and the result is committed', () => {
    for (const id of ids) expect({ id, ...work(id) }).toMatchObject({ id, status: 0, stderr: '' });
    expect(readFileSync(join(repo.path, 'build/atlas.html'), 'utf8')).toContain('<td>lever</td><td>7</td>');
    const committed = spawnSync('git', ['show', '--stat', '--format=%s'], {
      cwd: repo.path,
      encoding: 'utf8',
    });
    expect(committed.stdout).toMatch(/^Build the word atlas\n[^]*build\/atlas\.html/);
  });

  test.each(dag.nodes.filter(node => node.depends_on.length > 0).map(node => [node.id]))(
    'task %s fails loudly when nothing was done before it',
    id => {
      const { status, stderr } = work(id);
      expect({ status, stderr: String(stderr) }).toEqual({
        status: 1,
        stderr: expect.stringContaining('is missing'),
      });
    },
  );

  test('a task that it does not know is refused', () => {
    expect(work('9.9')).toMatchObject({ status: 1, stderr: expect.stringContaining('"9.9"') });
    expect(existsSync(join(repo.path, 'build/atlas.html'))).toBe(false);
  });
});
