import { readFileSync, statSync } from 'node:fs';
import { replaceForeignFile } from '../../bus-schema/store/write-file.js';

/** Rewrites a user's text file, keeping its mode, when the change makes a difference. One that is gone stays gone. */
export function rewriteText(path: string, change: (text: string) => string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return;
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after !== before) replaceForeignFile(path, after, stat.mode & 0o777);
}
