import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { resolveInput } from '../../../daemon/cli/input.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let repo: FreshFolder;

beforeEach(() => {
  repo = freshFolder();
});
afterEach(() => repo.remove());

function put(...parts: string[]): string {
  const path = join(repo.path, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  return path;
}

describe('what <input> means', () => {
  test('a dash is standard input', () => {
    expect(resolveInput('-', repo.path, repo.path)).toEqual({ ok: true, value: { stdin: true } });
  });

  test('a path counts from the folder that the command is called in', () => {
    const path = put('deep', 'plan.yaml');
    expect(resolveInput('plan.yaml', join(repo.path, 'deep'), repo.path)).toEqual({
      ok: true,
      value: { path },
    });
    expect(resolveInput('./plan.yaml', repo.path, repo.path).ok).toBe(false);
  });

  test('a track is found from a folder below, up to the root of the repo', () => {
    const path = put('conductor', 'tracks', 'atlas_1', 'plan.md');
    put('src', 'deep', 'file');
    const from = join(repo.path, 'src', 'deep');
    expect(resolveInput('atlas_1', from, repo.path)).toEqual({ ok: true, value: { path } });
    expect(resolveInput('atlas_1', from, join(repo.path, 'src')).ok).toBe(false);
  });

  test('a file goes before a track, and a track before a folder', () => {
    const track = put('conductor', 'tracks', 'x', 'plan.md');
    put('x', 'inside');
    expect(resolveInput('x', repo.path, repo.path)).toEqual({ ok: true, value: { path: track } });
    const file = put('sub', 'x');
    expect(resolveInput('x', join(repo.path, 'sub'), repo.path)).toEqual({ ok: true, value: { path: file } });
  });

  test('what is missing names each place that was looked at, and the track that was perhaps meant', () => {
    put('conductor', 'tracks', 'word-atlas', 'plan.md');
    const found = resolveInput('word-atlsa', repo.path, repo.path);
    expect(found).toMatchObject({ ok: false, error: { remedy: 'Did you mean word-atlas?' } });
    const message = found.ok ? '' : found.error.message;
    expect(message).toContain(join(repo.path, 'word-atlsa'));
    expect(message).toContain(join(repo.path, 'conductor/tracks/word-atlsa/plan.md'));
  });

  test('a path is no track id, so no track is looked for', () => {
    const found = resolveInput('../plan.md', repo.path, repo.path);
    expect(found.ok ? '' : found.error.message).not.toContain('conductor');
  });
});
