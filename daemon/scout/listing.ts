import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { askGit } from './git.js';

/** Files beyond are not looked at; nobody orients himself by more. */
export const MOST_FILES = 200_000;

/** Without git nobody says what is made and what is written; these are made, or somebody else's. */
const MADE = new Set([
  ...['.git', '.hg', '.svn', '.message-bus', 'node_modules', 'bower_components', 'vendor', 'dist', 'build'],
  ...['out', 'target', 'coverage', '.venv', 'venv', '__pycache__', '.tox', '.mypy_cache', '.next', '.cache'],
]);

export interface Listing {
  /** Relative to the repo, sorted. */
  readonly files: readonly string[];
  readonly complete: boolean;
}

/** The files of a repo as git knows them, those not yet added included; where there is no git, as they lie there. */
export async function listFiles(repo: string, signal: AbortSignal): Promise<Listing> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { names, complete } = (await askGit(repo, args, signal)) ?? (await walk(repo, signal));
  const files = [...new Set(names)].filter(isSource).sort();
  return { files: files.slice(0, MOST_FILES), complete: complete && files.length <= MOST_FILES };
}

/** Session folders and buses are no part of what is worked on. */
function isSource(path: string): boolean {
  return path !== '' && !/(^|\/)(\.tmp|\.message-bus)\//.test(path);
}

async function walk(repo: string, signal: AbortSignal): Promise<{ names: string[]; complete: boolean }> {
  const names: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (signal.aborted || names.length > MOST_FILES) return { names, complete: false };
    const entries = await readdir(join(repo, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) names.push(path);
      // Links are not followed: they may lead out, or round in a circle.
      else if (entry.isDirectory() && !MADE.has(entry.name)) folders.push(path);
    }
  }
  return { names, complete: true };
}
