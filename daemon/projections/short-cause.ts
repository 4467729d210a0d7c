import { printable } from '../../bus-schema/printable.js';

const LONGEST = 60;

/** Of an attempt whose worker died. */
export const LOST = 'lost worker';

/** Long texts of ours, by how they begin, and what is said in their place. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^ran longer than its timeout/, 'timeout'],
  [/^showed no more sign of progress/, 'stalled'],
  [/^asked for a file that another task holds/, 'file locked'],
  [/^waited for a file in a circle/, 'deadlock'],
  [/^its worker died/, LOST],
  [/^no worker could be had/, 'no worker'],
  [/^cannot be ended/, 'cannot be ended'],
  [/^its accept command said no/, 'not accepted'],
  [/^could not be started/, 'not started'],
];

/** What an agent says whose file is held, in an event of its own or as its last line before it gives up. */
const FILE_LOCKED = /\bfile (?:is )?locked\b/i;

/** How an attempt or a task failed, in two or three words: for a line that has no room for more. */
export function shortCause(message: string): string {
  const ours = SHORT.find(([beginning]) => beginning.test(message));
  if (ours !== undefined) return ours[1];
  if (FILE_LOCKED.test(message)) return 'file locked';
  const bare = /^(?:exit code (?:\d+|unknown)|ended by SIG[A-Z0-9]+)/.exec(message)?.[0];
  if (bare !== undefined) return bare;
  const line = message.trim().split('\n', 1)[0] ?? '';
  return line === '' ? 'failed' : printable(line, LONGEST);
}
