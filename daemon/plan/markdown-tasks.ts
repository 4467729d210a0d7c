import { checkboxOf } from './checkbox.js';
import { goesOn, indentOf, isListed, withoutVerb, type OpenList } from './file-list.js';
import { proseOf, type ProseLine } from './prose.js';
import { commentNotes, noteOf, type TaskNote } from './task-note.js';
import { openingOf, type NearMiss, type Opening } from './task-opening.js';
import { pathsIn } from './task-paths.js';

/** Something written on a line; lines count from 0. */
export interface Written {
  readonly text: string;
  readonly line: number;
}

/** A box in a text, with the column of the mark between its brackets. */
export interface PlacedBox {
  readonly line: number;
  readonly column: number;
  readonly ticked: boolean;
}

/** A task as Markdown tells it, in a heading with what is below, in a box of a list, or in both. */
export interface MarkdownTask {
  readonly id: string;
  readonly title: string;
  readonly fix: boolean;
  readonly line: number;
  type: string | undefined;
  readonly files: Written[];
  /** Lists of dependencies as they are written, `none` among them. */
  readonly dependsOn: Written[];
  readonly groups: string[];
  /** The boxes that say whether it is done: its own, or, of a fix under a heading, those below it. */
  readonly boxes: PlacedBox[];
  /** A heading or a status line that says it is done. */
  ticked: boolean;
  readonly seen: ('heading' | 'box')[];
}

export interface MarkdownTasks {
  readonly tasks: readonly MarkdownTask[];
  readonly nearMisses: readonly Written[];
}

/** Finds the tasks of a text, line by line; everything that is not about a task is passed over. */
export function markdownTasks(lines: readonly string[]): MarkdownTasks {
  const scan = new Scan();
  for (const prose of proseOf(lines)) scan.take(prose);
  return scan;
}

/** Whether a text tells of any task; looks no further than the first. */
export function hasTask(lines: readonly string[]): boolean {
  const scan = new Scan();
  for (const prose of proseOf(lines)) {
    scan.take(prose);
    if (scan.tasks.length > 0) return true;
  }
  return false;
}

/** Done by its boxes; where it has none, by its heading or a status line. */
export function isDone({ boxes, ticked }: MarkdownTask): boolean {
  return boxes.length > 0 ? boxes.every(box => box.ticked) : ticked;
}

/** The task that the lines being read belong to. */
interface Current {
  readonly task: MarkdownTask;
  /** Of its heading; 0 for a box, whose part ends with the next heading of any level. */
  readonly level: number;
  readonly indent: number;
  /** Set while a list of files goes on. */
  files: OpenList | undefined;
}

class Scan implements MarkdownTasks {
  readonly tasks: MarkdownTask[] = [];
  readonly nearMisses: Written[] = [];
  readonly #byId = new Map<string, MarkdownTask>();
  #current: Current | undefined;

  take(prose: ProseLine): void {
    const opening = openingOf(prose, (this.#current?.level ?? 0) > 0 && prose.heading === undefined);
    const missed = opening !== undefined && isMiss(opening);
    if (missed) this.nearMisses.push({ text: opening.nearMiss, line: prose.line });
    if (opening !== undefined && !missed) this.#open(opening, prose);
    else if (prose.section === 'aside') this.#current = undefined;
    else if (prose.heading !== undefined) this.#endAt(prose.heading.level);
    else if (this.#current !== undefined) this.#read(this.#current, prose);
  }

  #open(opening: Opening, { line, text, heading }: ProseLine): void {
    const kind = heading === undefined ? 'box' : 'heading';
    const task = this.#taskFor(opening, kind, line);
    if (opening.box === undefined) task.ticked ||= opening.ticked;
    else {
      // Its own box outweighs those of the steps below its heading.
      if (!task.seen.includes('box')) task.boxes.length = 0;
      task.boxes.push({ line, column: opening.box.column, ticked: opening.ticked });
    }
    task.seen.push(kind);
    this.#current = { task, level: heading?.level ?? 0, indent: indentOf(text), files: undefined };
    for (const note of commentNotes(text)) takeNote(task, note, line);
  }

  /** A task may have a heading and a box; two of one kind are two tasks, and the author is told. */
  #taskFor({ id, title, fix }: Opening, kind: 'heading' | 'box', line: number): MarkdownTask {
    const known = this.#byId.get(id);
    if (known !== undefined && !known.seen.includes(kind)) return known;
    // Written out: to spread objects into one of so many keys takes ten times as long, and there may be many tasks.
    const task: MarkdownTask = {
      id,
      title,
      fix,
      line,
      type: undefined,
      ticked: false,
      files: [],
      dependsOn: [],
      groups: [],
      boxes: [],
      seen: [],
    };
    this.tasks.push(task);
    this.#byId.set(id, task);
    return task;
  }

  #endAt(level: number): void {
    const current = this.#current;
    if (current === undefined) return;
    if (level <= current.level || current.level === 0) this.#current = undefined;
    else current.files = undefined;
  }

  #read(current: Current, { line, text }: ProseLine): void {
    if (text.trim() === '') {
      if (current.files !== undefined) current.files = { ...current.files, apart: true };
      return;
    }
    const { task } = current;
    for (const note of commentNotes(text)) takeNote(task, note, line);
    const box = checkboxOf(text);
    if (box !== undefined && current.level > 0 && task.fix && !task.seen.includes('box'))
      task.boxes.push({ line, column: box.column, ticked: box.ticked });
    const note = box === undefined ? noteOf(text) : undefined;
    if (current.files !== undefined && goesOn(current.files, text, note)) {
      for (const path of pathsIn(withoutVerb(text))) task.files.push({ text: path, line });
      return;
    }
    current.files = undefined;
    if (note !== undefined) {
      const before = task.files.length;
      takeNote(task, note, line);
      // Behind a label that has named its files, a list at the same depth is about something else.
      const listed = isListed(text) || task.files.length > before;
      if (note.about === 'files') current.files = { indent: indentOf(text), listed, apart: false };
    } else if (current.level === 0 && indentOf(text) <= current.indent) this.#current = undefined;
  }
}

const isMiss = (opening: Opening | NearMiss): opening is NearMiss => 'nearMiss' in opening;

function takeNote(task: MarkdownTask, { about, value }: TaskNote, line: number): void {
  if (about === 'files') for (const path of pathsIn(value)) task.files.push({ text: path, line });
  else if (about === 'dependsOn') task.dependsOn.push({ text: value, line });
  else if (about === 'group' && /^[\w.-]{1,100}$/.test(value)) task.groups.push(value);
  else if (about === 'type') task.type ??= /^[`*_]*([A-Za-z][\w-]{0,40})/.exec(value)?.[1]?.toLowerCase();
  else if (about === 'status') task.ticked ||= /^`?\[[xX]\]/.test(value);
}
