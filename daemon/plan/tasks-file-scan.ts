import type { Priority } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { checkboxOf, type Checkbox } from './checkbox.js';
import type { Span } from './fences.js';
import { goesOn, indentOf, isListed, type OpenList } from './file-list.js';
import type { Written } from './markdown-tasks.js';
import { proseOf, type Heading, type ProseLine } from './prose.js';
import { noteOf } from './task-note.js';
import {
  fieldOf,
  filesIn,
  isDoneStatus,
  priorityIn,
  type TaskField,
  type TaskFile,
} from './tasks-file-fields.js';
import {
  groupHeading,
  isDependencyHeading,
  taskHeading,
  waveHeading,
  type GroupHeading,
} from './tasks-file-opening.js';

/** What a group or a task says of itself, line by line. */
export interface Said {
  readonly dependsOn: Written[];
  readonly blocks: Written[];
  readonly files: (TaskFile & { readonly line: number })[];
  type: Written | undefined;
  /** Lines that say what the order is, and nothing to whoever does the task. */
  readonly orderLines: number[];
}

/** A group of tasks without numbers; its own lines are those before its first task. */
export interface FoundGroup extends Said, GroupHeading {
  readonly line: number;
  /** From 1, in the order of the file. */
  readonly number: number;
  /** Behind its own lines. */
  to: number | undefined;
  /** Of boxes that are tasks. */
  count: number;
}

export interface FoundTask extends Said {
  readonly id: string;
  readonly title: string;
  readonly line: number;
  /** Behind its last line. */
  to: number;
  priority: Priority | undefined;
  readonly wave: number | undefined;
  readonly group: FoundGroup | undefined;
  /** Of its steps. */
  readonly ticks: boolean[];
  marked: boolean;
}

export interface TasksFileScan {
  readonly tasks: readonly FoundTask[];
  readonly groups: readonly FoundGroup[];
  /** Sections that say what waits for what. */
  readonly dependencySections: readonly Span[];
}

/** Finds what a tasks file has in it, line by line. */
export function scanTasksFile(lines: readonly string[]): TasksFileScan {
  const scan = new Scan();
  for (const prose of proseOf(lines)) scan.take(prose);
  scan.end(lines.length);
  return scan;
}

interface Section<T> {
  readonly value: T;
  readonly level: number;
}

type Listed = Extract<TaskField['about'], 'files' | 'dependsOn' | 'blocks'>;

class Scan implements TasksFileScan {
  readonly tasks: FoundTask[] = [];
  readonly groups: FoundGroup[] = [];
  readonly dependencySections: Span[] = [];
  #task: Section<FoundTask> | undefined;
  #list: (OpenList & { readonly about: Listed; readonly creates: boolean }) | undefined;
  #priority: Section<Priority> | undefined;
  #wave: Section<number> | undefined;
  #group: Section<FoundGroup> | undefined;
  #dependencies: Section<number> | undefined;

  take(prose: ProseLine): void {
    const { heading, line, text } = prose;
    if (heading !== undefined) {
      this.#heading(heading, line);
      return;
    }
    if (text.trim() === '') {
      if (this.#list !== undefined) this.#list = { ...this.#list, apart: true };
      return;
    }
    if (this.#dependencies !== undefined) return;
    const box = checkboxOf(text);
    const loose = this.#task === undefined || this.#task.level === 0;
    if (
      loose &&
      box !== undefined &&
      indentOf(text) < 2 &&
      this.#mayHoldTasks() &&
      prose.section === 'plan'
    ) {
      this.#openBox(box, line);
      return;
    }
    // Behind a list, what begins at the margin is about the whole group.
    if (this.#task?.level === 0 && indentOf(text) === 0 && !isListed(text)) this.#close(line);
    const said = this.#task?.value ?? this.#group?.value;
    if (said !== undefined) this.#read(said, text, line, box);
  }

  end(line: number): void {
    this.#close(line);
    this.#endDependencies(line);
    this.#endGroup(line);
  }

  #heading(heading: Heading, line: number): void {
    const opening = taskHeading(heading.title);
    const within = this.#task !== undefined && this.#task.level > 0 && heading.level > this.#task.level;
    this.#list = undefined;
    if (opening === undefined && within) {
      if (isDependencyHeading(heading.title))
        this.#list = { about: 'dependsOn', creates: false, indent: -1, listed: false, apart: false };
      return;
    }
    this.#close(line);
    if (opening !== undefined || heading.level <= (this.#dependencies?.level ?? 0))
      this.#endDependencies(line);
    if (opening !== undefined) {
      this.#open(opening.id, opening.title, line, heading.level, opening.done);
      return;
    }
    if (heading.level <= (this.#priority?.level ?? 0)) this.#priority = undefined;
    if (heading.level <= (this.#wave?.level ?? 0)) this.#wave = undefined;
    if (heading.level <= (this.#group?.level ?? 0)) this.#endGroup(line);
    this.#section(heading, line);
  }

  #section({ title, level }: Heading, line: number): void {
    const priority = priorityIn(title);
    const wave = waveHeading(title);
    const group = groupHeading(title);
    if (priority !== undefined) this.#priority = { value: priority, level };
    if (wave !== undefined) this.#wave = { value: wave, level };
    if (group !== undefined) {
      this.#endGroup(line);
      this.#openGroup(group, line, level);
    } else if (wave === undefined && this.#dependencies === undefined && isDependencyHeading(title))
      this.#dependencies = { value: line + 1, level };
  }

  #mayHoldTasks(): boolean {
    return this.#group !== undefined || this.#wave !== undefined;
  }

  #openBox(box: Checkbox, line: number): void {
    this.#close(line);
    // Tasks that stand in a wave and in no group are a group of their own.
    const group =
      this.#group?.value ??
      this.#openGroup(
        { name: `Wave ${this.#wave?.value ?? 0}`, names: [] },
        line,
        (this.#wave?.level ?? 0) + 1,
      );
    group.count++;
    const numbered = taskHeading(box.rest);
    const id = numbered?.id ?? `G${group.number}-${group.count}`;
    const title = printable(box.rest.replace(/[*`]/g, '').trim(), 300);
    this.#open(id, numbered?.title ?? title, line, 0, box.ticked);
  }

  #openGroup(heading: GroupHeading, line: number, level: number): FoundGroup {
    const number = this.groups.length + 1;
    const group: FoundGroup = {
      ...heading,
      ...{ dependsOn: [], blocks: [], files: [], type: undefined, orderLines: [] },
      ...{ line, number, to: undefined, count: 0 },
    };
    this.groups.push(group);
    this.#group = { value: group, level };
    return group;
  }

  #open(id: string, title: string, line: number, level: number, marked: boolean): void {
    // Written out: to spread objects into one of so many keys takes ten times as long, and there may be many tasks.
    const task: FoundTask = {
      id,
      title,
      line,
      to: line + 1,
      marked,
      ticks: [],
      dependsOn: [],
      blocks: [],
      files: [],
      type: undefined,
      orderLines: [],
      priority: this.#priority?.value,
      wave: this.#wave?.value,
      group: this.#group?.value,
    };
    this.tasks.push(task);
    if (task.group !== undefined) task.group.to ??= line;
    this.#task = { value: task, level };
    this.#list = undefined;
  }

  #close(line: number): void {
    if (this.#task !== undefined) this.#task.value.to = line;
    this.#task = undefined;
    this.#list = undefined;
  }

  #endGroup(line: number): void {
    if (this.#group !== undefined) this.#group.value.to ??= line;
    this.#group = undefined;
  }

  #endDependencies(line: number): void {
    if (this.#dependencies !== undefined)
      this.dependencySections.push({ from: this.#dependencies.value, to: line });
    this.#dependencies = undefined;
  }

  #read(said: FoundTask | FoundGroup, text: string, line: number, box: Checkbox | undefined): void {
    if (box !== undefined) {
      this.#list = undefined;
      if ('ticks' in said) said.ticks.push(box.ticked);
      return;
    }
    if (this.#list !== undefined && goesOn(this.#list, text, noteOf(text))) {
      this.#takeListed(said, this.#list, text.replace(/^\s*(?:[-*+]|\d{1,9}[.)])\s+/, ''), line);
      return;
    }
    this.#list = undefined;
    const field = fieldOf(text);
    if (field === undefined) return;
    const { about, value, creates } = field;
    switch (about) {
      case 'files':
      case 'dependsOn':
      case 'blocks': {
        const empty = /^[\s*_`]*$/.test(value);
        if (!empty) this.#takeListed(said, { about, creates }, value, line);
        else if (about !== 'files') said.orderLines.push(line);
        const listed = isListed(text) || !empty;
        // A list of tasks is whole where it stands; one of files may go on below.
        if (empty || (about === 'files' && said.files.at(-1)?.line === line))
          this.#list = { about, creates, indent: indentOf(text), listed, apart: false };
        return;
      }
      case 'type':
        said.type ??= { text: value, line };
        return;
      case 'priority':
        if ('ticks' in said) said.priority = priorityIn(value) ?? said.priority;
        said.orderLines.push(line);
        return;
      case 'status':
        if ('ticks' in said) said.marked ||= isDoneStatus(value);
        said.orderLines.push(line);
        return;
    }
  }

  #takeListed(
    said: Said,
    { about, creates }: { about: Listed; creates: boolean },
    text: string,
    line: number,
  ): void {
    if (about !== 'files') {
      said[about].push({ text, line });
      said.orderLines.push(line);
      return;
    }
    for (const file of filesIn(text))
      said.files.push({ ...file, creates: file.creates ?? (creates ? true : undefined), line });
  }
}
