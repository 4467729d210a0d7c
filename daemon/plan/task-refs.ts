import { printable } from '../../bus-schema/printable.js';
import { fixId } from './task-opening.js';

/** The tasks of a plan, for whoever looks one up by its id or by its place. */
export interface Roster {
  readonly order: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  /** How many tasks ranges may still name, all together; below 0 there were more than that. */
  left: number;
}

/** What a list of dependencies comes to. */
export interface TaskRefs {
  readonly ids: readonly string[];
  /** Pieces that name no task, such as `Issue #12`. */
  readonly prose: readonly string[];
}

/** No more can be meant by one piece; patterns are kept off what is longer. */
const LONGEST_PIECE = 300;
const NOTHING = /^(none|no|nothing|n\/a|na|null|nil|[-–—]+)?$/i;

/**
 * Reads `1.1, 1.2`, `Task 1 and Task 2`, `[1.1, 1.2]`, ranges as `1.1–1.3`, and `none`; remarks in parentheses say
 * nothing of dependencies. A range is every task from the one to the other in the order of the file.
 */
export function taskRefs(text: string, roster: Roster): TaskRefs {
  const ids = new Set<string>();
  const prose: string[] = [];
  for (const written of withoutRemarks(text).split(/[,;&+]|\sand\s/i)) {
    const piece = written
      .slice(0, LONGEST_PIECE)
      .replace(/[`*[\]"']/g, '')
      .replace(/\.\s*$/, '')
      .trim();
    if (NOTHING.test(piece) || /^(none|no|nothing)\s/i.test(piece)) continue;
    const found = idsOf(piece, roster);
    if (found.length === 0) prose.push(printable(piece, 60));
    for (const id of found) ids.add(id);
  }
  return { ids: [...ids], prose };
}

function idsOf(piece: string, roster: Roster): readonly string[] {
  const whole = idOf(piece, roster);
  if (whole !== undefined && roster.places.has(whole)) return [whole];
  const range = rangeOf(piece, roster);
  if (range !== undefined) return range;
  if (whole !== undefined) return [whole];
  // `1.1 makes the tables`: the id counts, what is said of it does not.
  const [first = ''] = /^(?:task\s+)?[A-Za-z0-9._-]+(?=\s)/i.exec(piece) ?? [];
  const said = idOf(first, roster);
  return said !== undefined && (/^task\s/i.test(first) || /\d\.\d/.test(first)) ? [said] : [];
}

function rangeOf(piece: string, roster: Roster): readonly string[] | undefined {
  const match = /^(.*?\d)\s*(?:–|—|\.{2,3}|-|\bto\b|\bthrough\b)\s*((?:task\s+)?[A-Za-z0-9].*)$/i.exec(piece);
  const from = roster.places.get(idOf(match?.[1] ?? '', roster) ?? '');
  const to = roster.places.get(idOf(match?.[2] ?? '', roster) ?? '');
  if (from === undefined || to === undefined || to < from) return undefined;
  roster.left -= to + 1 - from;
  return roster.left < 0 ? roster.order.slice(from, from + 1) : roster.order.slice(from, to + 1);
}

/** The id that a piece spells: one of the plan, or at least one that looks as if it were. */
function idOf(piece: string, { places }: Roster): string | undefined {
  const bare = piece.trim();
  if (places.has(bare)) return bare;
  const [, word = '', id] = /^(?:(task|fix)[\s-]+)?([A-Za-z0-9][A-Za-z0-9._-]*)$/i.exec(bare) ?? [];
  if (id === undefined) return undefined;
  if (word.toLowerCase() === 'fix') return fixId(id, 1);
  return /\d/.test(id) || places.has(id) ? id : undefined;
}

/** A text without what stands in parentheses, however deep. */
export function withoutRemarks(text: string): string {
  let depth = 0;
  const kept: string[] = [];
  for (const part of text.split(/([()])/)) {
    if (part === '(') depth++;
    else if (part === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) kept.push(part);
  }
  return kept.join(' ');
}
