/**
 * Where a task's output goes: below the run's output folder. Plans name the folder again in the output (`out` and
 * `out/report.md`, `work/reviews` and `reviews/a.md`), so what the folder's end and the output's beginning share counts
 * once. An absolute output stays where it is; a trailing `/` says that it is a folder.
 */
export function outputPath(output: string, folder: string | undefined): string {
  if (folder === undefined || output.startsWith('/')) return output;
  const above = partsOf(folder);
  const below = partsOf(output);
  const longest = Math.min(above.length, below.length - 1);
  const shared = Array.from({ length: longest }, (_, index) => longest - index).find(
    count => above.slice(-count).join('/') === below.slice(0, count).join('/'),
  );
  const path = [...above, ...below.slice(shared ?? 0)].join('/');
  return `${folder.startsWith('/') ? '/' : ''}${path}${output.endsWith('/') ? '/' : ''}`;
}

/** Whether a path, read from the repo's root, does not stay inside it. Absolute ones are taken to lead elsewhere. */
export function leavesRepo(path: string): boolean {
  if (path.startsWith('/')) return true;
  let depth = 0;
  for (const part of partsOf(path)) {
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

function partsOf(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}
