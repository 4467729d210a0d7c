import { readdirSync, lstatSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { didYouMean } from '../plan/suggest.js';

/** What `<input>` means: a plan's absolute path, or standard input. */
export type Input = { readonly path: string } | { readonly stdin: true };

const TRACKS = 'conductor/tracks';

/**
 * Finds the plan that a user means: a file, relative to `from`; else a track's plan, looked for in `from` and the folders
 * above it up to the repo's root. `-` is standard input.
 */
export function resolveInput(input: string, from: string, repo: string): Result<Input, Diagnostic> {
  if (input === '-') return ok({ stdin: true });
  const path = resolve(from, input);
  if (isFile(path)) return ok({ path });
  const folders = foldersUpTo(repo, from);
  const track = isTrackId(input)
    ? folders.map(folder => join(folder, TRACKS, input, 'plan.md')).find(isFile)
    : undefined;
  if (track !== undefined) return ok({ path: track });
  // Not a regular file, but there: a folder or a pipe. Whoever reads it says what is wrong with it.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return ok({ path });
  return fail(missing(input, path, folders));
}

/** Where tasks files are looked for when no plan is named, relative to the repo. */
export const TASKS_FILES = '.tmp/*/tasks.md';

/** The tasks file that was written last; of two at once the last by name. */
export function newestTasksFile(repo: string): string | undefined {
  const folder = join(repo, '.tmp');
  const found = namesIn(folder).flatMap(name => {
    const path = join(folder, name, 'tasks.md');
    return isFile(path) ? [{ path, at: statSync(path).mtimeMs }] : [];
  });
  return found.sort((a, b) => a.at - b.at || (a.path < b.path ? -1 : 1)).at(-1)?.path;
}

function missing(input: string, path: string, folders: readonly string[]): Diagnostic {
  const looked = isTrackId(input)
    ? `neither the file ${path} nor a track ${folders.map(folder => join(folder, TRACKS, input, 'plan.md')).join(' or ')}`
    : `no file ${path}`;
  const remedy =
    didYouMean(
      input,
      folders.flatMap(folder => namesIn(join(folder, TRACKS))),
    ) ?? `Give the path of a plan, the id of a track under ${TRACKS}/, or - for standard input`;
  return { severity: 'error', file: input, message: `there is no such plan: ${looked}`, remedy };
}

const isTrackId = (input: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(input);

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false; // such as a file where a folder would have to be
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** From a folder up to the repo's root; from outside the repo, that folder and the root. */
function foldersUpTo(repo: string, from: string): string[] {
  const folders = [resolve(from)];
  if (relative(repo, from).startsWith('..')) return [...folders, repo];
  for (let folder = resolve(from); folder !== repo && dirname(folder) !== folder; folder = dirname(folder))
    folders.push(dirname(folder));
  return folders;
}
