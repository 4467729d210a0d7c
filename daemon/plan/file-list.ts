import { checkboxOf } from './checkbox.js';
import type { TaskNote } from './task-note.js';

/** A list of files that may go on below its label. */
export interface OpenList {
  /** Column of the label. */
  readonly indent: number;
  /** Whether only deeper items belong to it. */
  readonly listed: boolean;
  /** A blank line has passed. */
  readonly apart: boolean;
}

/** The items of a list of files: deeper than a label that is an item itself; a line that only goes on, directly below. */
export function goesOn(list: OpenList, text: string, note: TaskNote | undefined): boolean {
  const deeper = indentOf(text) > list.indent;
  if (!isListed(text)) return deeper && !list.apart;
  if (checkboxOf(text) !== undefined || (note !== undefined && note.about !== 'else' && !deeper))
    return false;
  return deeper || !list.listed;
}

/** `- Modify: src/a.ts` */
export function withoutVerb(text: string): string {
  return text.trim().replace(/^(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:[*_]*[A-Za-z]+[*_]*\s?:[*_]*\s+)?/, '');
}

export const isListed = (text: string): boolean => /^\s*(?:[-*+]|\d{1,9}[.)])\s/.test(text);

export const indentOf = (text: string): number => Math.max(0, text.search(/\S/));
