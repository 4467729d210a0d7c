import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scout, summaryOf } from '../../daemon/scout/scout.js';

/**
 * How long the scout takes on a repo of 50,000 files with 500 commits, or as many files as are asked for. Less than 30 s are
 * wanted. Usage: `npm run bench:scout [files]`.
 */
const count = Number(process.argv[2] ?? 50_000);
const COMMITS = 500;
const PER_FOLDER = 50;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-scout-'));
const git = (args: readonly string[], input?: string): void => {
  execFileSync('git', args, {
    cwd: folder,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    input,
  });
};

/** A history as `git fast-import` reads it: all files in the first commit, then one of them changed in each. */
function history(): string {
  const pathOf = (index: number): string => {
    const below = Math.floor(index / PER_FOLDER);
    return `packages/p${Math.floor(below / 10)}/src/d${below}/file${index}.ts`;
  };
  const change = (index: number, text: string): string =>
    `M 100644 inline ${pathOf(index)}\ndata ${text.length}\n${text}\n`;
  const commit = (mark: number, changes: string): string =>
    `commit refs/heads/main\nmark :${mark}\ncommitter b <b@example.org> ${mark} +0000\ndata 1\nx\n${mark === 1 ? '' : `from :${mark - 1}\n`}${changes}\n`;
  const all = Array.from({ length: count }, (_, index) =>
    change(index, `export const v${index} = 0;\n`),
  ).join('');
  const later = Array.from({ length: COMMITS }, (_, index) =>
    commit(index + 2, change((index * 7) % count, `export const w = ${index};\n`)),
  );
  return commit(1, all) + later.join('');
}

try {
  git(['init']);
  git(['fast-import'], history());
  git(['symbolic-ref', 'HEAD', 'refs/heads/main']);
  git(['reset', '--hard']);
  const before = performance.now();
  const context = await scout(folder, new Date().toISOString());
  const seconds = (performance.now() - before) / 1000;
  console.log(`${count} files, ${COMMITS} commits: ${seconds.toFixed(2)} s (${summaryOf(context)})`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
