import { printable } from '../../bus-schema/printable.js';
import { withoutRemarks } from './task-refs.js';

/** The tasks of a tasks file, for whoever looks them up by id or by number. */
export interface TaskRoster {
  readonly ids: ReadonlySet<string>;
  /** In the order of their numbers. */
  readonly numbered: readonly { readonly id: string; readonly number: number }[];
  /** How many tasks ranges and groups may still name, all together; below 0 there were more than that. */
  left: number;
}

/** What is written of tasks comes to. */
export interface Named {
  readonly ids: readonly string[];
  /** Ranges that are none. */
  readonly wrong: readonly Wrong[];
}

export interface Wrong {
  readonly message: string;
  readonly remedy: string;
}

/** Ranges are short to write: no sane one is as long as this. */
const LONGEST_RANGE = 1000;
/** Ranges and groups together. */
const MOST_NAMED = 500_000;
/** No list is longer; patterns are kept off what lies behind. */
const LONGEST = 20_000;
const NOTHING = /^(?:none|no|nothing|n\/a|na|null|nil|[-–—]+)?$/i;
const ID = /T\d{1,6}(?:\.\d{1,3}){0,3}[a-z]?(?![A-Za-z0-9_])/y;
/** Without a `T` the second number stands close by, or `T001 - 3 forms` would be one. */
const RANGE =
  /(?:\s*(?:–|—|\.{2,3}|…|-|\bto\b|\bthrough\b|\bthru\b)\s*T(\d{1,6})|(?:–|\.{2,3}|-)(\d{2,6}))(?![A-Za-z0-9_])/y;

export function rosterOf(ids: readonly string[]): TaskRoster {
  const numbered = ids
    .map(id => ({ id, number: numberOf(id) }))
    .filter(({ number }) => !Number.isNaN(number))
    .sort((a, b) => a.number - b.number);
  return { ids: new Set(ids), numbered, left: MOST_NAMED };
}

/**
 * Reads what a task depends on: `T001, T002`, `[T002, T005]`, `T001-T007`, `None (reverses T003)`. An id counts where it
 * begins a piece of the list; a remark behind it, in parentheses or not, never does.
 */
export function refsIn(text: string, roster: TaskRoster): Named & { readonly prose: readonly string[] } {
  const ids = new Set<string>();
  const prose: string[] = [];
  const wrong: Wrong[] = [];
  const bare = text.slice(0, LONGEST).replace(/[`*[\]"]/g, '');
  if (NOTHING.test(bare.trim())) return { ids: [], prose, wrong };
  for (const [index, written] of withoutRemarks(bare)
    .split(/[,;&+/]|\sand\s|\sor\s/i)
    .entries()) {
    const piece = written
      .trim()
      .replace(/^'|'$/g, '')
      .replace(/^(?:(?:tasks?|after|on)\s+)+/i, '');
    // What follows on "none" is about something else.
    if (index === 0 && /^(?:none|no|nothing|n\/a|na|nil)\b/i.test(piece)) break;
    if (NOTHING.test(piece.replace(/\.$/, ''))) continue;
    const named = listAt(piece, 0, roster);
    if (named.end === 0) prose.push(printable(piece, 60));
    for (const id of named.ids) ids.add(id);
    wrong.push(...named.wrong);
  }
  return { ids: [...ids], prose, wrong };
}

/** The tasks that are listed from a place of a text on, and the place behind them; that place itself if there are none. */
export function listAt(text: string, from: number, roster: TaskRoster): Named & { readonly end: number } {
  const ids: string[] = [];
  const wrong: Wrong[] = [];
  let end = from;
  for (let at = after(/[\s`*_[\]"']*/y, text, from); at <= text.length;) {
    ID.lastIndex = at;
    const id = ID.exec(text)?.[0];
    if (id === undefined) break;
    at += id.length;
    RANGE.lastIndex = after(/[`*_]*/y, text, at);
    const range = RANGE.exec(text);
    if (range === null) ids.push(id);
    else {
      at = RANGE.lastIndex;
      const named = rangeOf(id, `T${range[1] ?? range[2] ?? ''}`, roster);
      ids.push(...named.ids);
      wrong.push(...named.wrong);
    }
    end = after(/[`*_\]"']*(?:\s{0,3}\([^()]{0,200}\))?/y, text, at);
    at = after(/\s*(?:[,;&+/]|\band\b)?[\s`*_["']*/iy, text, end);
  }
  return { ids, wrong, end };
}

function after(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** All tasks whose numbers lie between; one that is named and not there is left for the check of all dependencies. */
function rangeOf(first: string, last: string, roster: TaskRoster): Named {
  const [from, to] = [numberOf(first), numberOf(last)];
  const written = `${first}–${last}`;
  if (to < from) {
    const message = `the range ${written} runs backwards`;
    return { ids: [], wrong: [{ message, remedy: `Write ${last}–${first}` }] };
  }
  if (to - from >= LONGEST_RANGE) {
    const message = `the range ${written} is of ${to - from + 1} tasks, and ${LONGEST_RANGE} are the most`;
    return { ids: [], wrong: [{ message, remedy: 'Name the tasks that are meant' }] };
  }
  const { numbered } = roster;
  const begin = firstFrom(numbered, from);
  const ids: string[] = [];
  if (numbered[begin]?.number !== from) ids.push(first);
  for (let at = begin; (numbered[at]?.number ?? Infinity) <= to && roster.left > 0; at++, roster.left--)
    ids.push(numbered[at]?.id ?? '');
  roster.left--;
  if (numbered.length === 0 || numbered[firstFrom(numbered, to)]?.number !== to) ids.push(last);
  return { ids: [...new Set(ids)], wrong: [] };
}

/** Where the first number stands that is not below the one asked for. */
function firstFrom(numbered: TaskRoster['numbered'], number: number): number {
  let [low, high] = [0, numbered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbered[middle]?.number ?? Infinity) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `T003b` stands between `T003` and `T004` in no range of numbers but with its own. */
const numberOf = (id: string): number => Number(/^T(\d+)/.exec(id)?.[1] ?? NaN);
