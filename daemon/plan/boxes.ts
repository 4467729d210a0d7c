import { checkboxOf } from './checkbox.js';
import { dagBlocks, type DagBlock } from './fences.js';
import { markdownTasks } from './markdown-tasks.js';
import { proseOf } from './prose.js';

/** A checkbox that may be a task's. */
interface Box {
  /** Counts from 0. */
  readonly line: number;
  /** Column of the mark between the brackets. */
  readonly column: number;
  readonly ticked: boolean;
  /** Ids its text could begin with, such as `1.` and `1`. */
  readonly ids: readonly string[];
}

/** A commit as a worker reports it; anything else does not go into the user's file. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

/** Ids whose every box is ticked, in a plan whose tasks are those of a DAG. */
export function tickedIds(text: string): Set<string> {
  const ticked = new Map<string, boolean>();
  const lines = text.split('\n');
  for (const box of boxesBeside(lines, dagBlocks(lines)[0])) {
    for (const id of box.ids) ticked.set(id, box.ticked && ticked.get(id) !== false);
  }
  return new Set([...ticked].filter(([, all]) => all).map(([id]) => id));
}

/**
 * Ticks the open boxes of completed tasks and names their commits, `- [x] Task 1.1: … <!-- 1a2b3c4 -->`. Every other
 * byte of the text stays as it is.
 */
export function tickBoxes(text: string, completed: ReadonlyMap<string, string | undefined>): string {
  const lines = text.split('\n');
  for (const { line, column, ticked, ids } of taskBoxes(lines)) {
    const id = ids.find(candidate => completed.has(candidate));
    if (ticked || id === undefined) continue;
    const old = lines[line] ?? '';
    const carriageReturn = old.endsWith('\r') ? '\r' : '';
    const bare = `${old.slice(0, column)}x${old.slice(column + 1, old.length - carriageReturn.length)}`;
    const commit = completed.get(id) ?? '';
    const note = COMMIT.test(commit) && !bare.includes(`<!-- ${commit} -->`) ? ` <!-- ${commit} -->` : '';
    lines[line] = `${bare}${note}${carriageReturn}`;
  }
  return lines.join('\n');
}

/** Where a DAG says what the tasks are, any box may be one's; where the Markdown does, only those that were read so. */
function taskBoxes(lines: readonly string[]): Box[] {
  const [dag] = dagBlocks(lines);
  if (dag !== undefined) return boxesBeside(lines, dag);
  return markdownTasks(lines).tasks.flatMap(({ id, boxes }) => boxes.map(box => ({ ...box, ids: [id] })));
}

/** Boxes in the same text as the DAG block, outside of all fences and comments. */
function boxesBeside(lines: readonly string[], dag: DagBlock | undefined): Box[] {
  return [...proseOf(lines, dag?.around)].flatMap(({ text, line }) => boxOf(text, line) ?? []);
}

function boxOf(text: string, line: number): Box | undefined {
  const box = checkboxOf(text);
  // Cut first: the pattern's time grows with the square of a row of marks.
  const ids = box === undefined ? [] : idsOf(box.rest.slice(0, 300));
  return box === undefined || ids.length === 0
    ? undefined
    : { line, column: box.column, ticked: box.ticked, ids };
}

/**
 * What stands where a task's id would. An id that could be a word or a count of a sentence (`- [x] 3 files moved`) has
 * to be marked as one: by `Task` before it, by emphasis, or by a colon behind it.
 */
function idsOf(text: string): string[] {
  const match = /^([*_`]*)(Task\s+)?([*_`]*)([A-Za-z0-9][A-Za-z0-9._-]*)([*_`]*)(.?)/i.exec(text);
  if (match === null) return [];
  const [, marks = '', task, moreMarks = '', id = '', , next = ''] = match;
  if (!/^[\s:)—–]?$/.test(next)) return [];
  const bare = id.replace(/[._-]+$/, '');
  const clear = task !== undefined || marks !== '' || moreMarks !== '' || next === ':' || next === '';
  if (!clear && !/[A-Za-z0-9][.-]\d|[A-Za-z]\d/.test(id)) return [];
  return bare === id ? [id] : [id, bare];
}
