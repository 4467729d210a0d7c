import { printable } from '../../bus-schema/printable.js';
import { proseLines } from './fences.js';
import { baseName } from './reading.js';

/** The first heading of the first level, or the file's name. */
export function nameOf(lines: readonly string[], file: string): string {
  for (const line of proseLines(lines)) {
    // Cut first: the pattern's time grows with the square of the line.
    const heading = /^# +(\S.*?)[ #\r]*$/.exec((lines[line] ?? '').slice(0, 300))?.[1];
    if (heading !== undefined) return printable(heading.trim());
  }
  return baseName(file);
}

/** `…/conductor/tracks/<id>/plan.md` belongs to the track <id>. */
export function trackOf(file: string): string | undefined {
  return /(?:^|\/)conductor\/tracks\/([^/]+)\/plan\.md$/.exec(file)?.[1];
}
