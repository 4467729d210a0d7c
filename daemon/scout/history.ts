import { askGit } from './git.js';

/** Commits that are counted. */
const COMMITS = 500;
const MOST_HOT = 50;

export interface History {
  readonly hot: readonly { readonly path: string; readonly modification_count: number }[];
  /** Files that were changed, but not so often. */
  readonly cut: number;
  readonly complete: boolean;
}

/** How often the latest commits have changed each file that there still is. */
export async function readHistory(
  repo: string,
  files: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<History> {
  const args = [
    'log',
    `-${COMMITS}`,
    '--name-only',
    '-z',
    '--format=',
    '--no-renames',
    '--relative',
    '--',
    '.',
  ];
  const told = await askGit(repo, args, signal);
  const counts = new Map<string, number>();
  for (const path of told?.names ?? []) if (files.has(path)) counts.set(path, (counts.get(path) ?? 0) + 1);
  const hot = [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([path, count]) => ({ path, modification_count: count }));
  return {
    hot: hot.slice(0, MOST_HOT),
    cut: Math.max(0, hot.length - MOST_HOT),
    complete: told?.complete ?? true,
  };
}
