import type { Priority } from '../../bus-schema/plan.js';
import { withoutVerb } from './file-list.js';
import { labelOf } from './task-note.js';
import { pathsIn } from './task-paths.js';

/** What a labelled line below a task says of it. */
export interface TaskField {
  readonly about: 'files' | 'type' | 'dependsOn' | 'blocks' | 'priority' | 'status';
  readonly value: string;
  /** Its files come into being by the task: `**Create**: src/a.ts`. */
  readonly creates: boolean;
}

/** A path, and whether what stands beside it says that the task makes it. */
export interface TaskFile {
  readonly path: string;
  /** Undefined where nothing is said. */
  readonly creates: boolean | undefined;
}

const LABELS: readonly (readonly [TaskField['about'], RegExp])[] = [
  ['files', /^(?:(?:target )?files?(?:\(s\))?|files to (?:create|modify|change|edit|touch|delete))$/],
  ['type', /^type$/],
  ['dependsOn', /^(?:depends(?: on)?|dependency|dependencies|deps|requires|blocked by|prerequisites?)$/],
  ['blocks', /^blocks$/],
  ['priority', /^priority$/],
  ['status', /^status$/],
];
const FILE_VERBS = /^(?:creates?|modify|modifies|edits?|updates?|deletes?|new files?)$/;
const CREATION = /^(?:files to )?creates?$|^new/;

/**
 * The field that a line is, `**Files**: …`, `- Depends: …`, `*Requires*: …`. What is also an English word with a colon
 * counts only if what follows is what it would have to be.
 */
export function fieldOf(text: string): TaskField | undefined {
  const found = labelOf(text);
  if (found === undefined) return undefined;
  const { label, value } = found;
  const [about] = LABELS.find(([, pattern]) => pattern.test(label)) ?? [];
  if (about !== undefined) return { about, value, creates: CREATION.test(label) };
  if (FILE_VERBS.test(label) && pathsIn(value).length > 0)
    return { about: 'files', value, creates: CREATION.test(label) };
  if (/^(?:after|before)$/.test(label) && /^[\s`*_[]*T\d/.test(value))
    return { about: label === 'after' ? 'dependsOn' : 'blocks', value, creates: false };
  return undefined;
}

/** The paths of a line about files; one that says that there are none names none, whatever else it speaks of. */
export function filesIn(text: string): TaskFile[] {
  if (/^[\s`*_]*(?:no|none|nothing|n\/a|tbd)\b/i.test(text)) return [];
  const verb =
    /^\s*(?:[-*+]\s+)?[*_]*(create|new|add|modify|edit|update|change|delete|remove)[*_]*\s?:/i.exec(
      text.slice(0, 100),
    )?.[1];
  const said = verb === undefined ? undefined : /^(?:create|new|add)$/i.test(verb);
  const paths = pathsIn(verb === undefined ? text : withoutVerb(text));
  let at = 0;
  const ends = paths.map(path => {
    const found = text.indexOf(path, at);
    if (found !== -1) at = found + path.length;
    return found === -1 ? -1 : at;
  });
  return paths.map((path, index) => {
    const end = ends[index] ?? -1;
    const next = ends.slice(index + 1, index + 2)[0] ?? -1;
    const beside = end === -1 ? '' : text.slice(end, next > end ? next : undefined).slice(0, 100);
    const [, note] = /^[`*_]*(?::[\d,\s-]+)?[`*_]*\s*\(\s*(\w+)/.exec(beside) ?? [];
    return { path, creates: note === undefined ? said : (creationIn(note) ?? said) };
  });
}

function creationIn(note: string): boolean | undefined {
  if (/^(?:new|creates?|created|add|added)$/i.test(note)) return true;
  return /^(?:delete|deleted|remove|removed|modify|modified|edit|update|updated|existing|change)$/i.test(note)
    ? false
    : undefined;
}

/** What a task's type says of its files. */
export interface TaskKind {
  /** As a word for limits, in small letters. */
  readonly type: string | undefined;
  readonly creates: boolean;
  readonly readsOnly: boolean;
  /** A word that means nothing here. */
  readonly unknown: string | undefined;
}

export const TASK_TYPES = ['Create', 'Modify', 'Delete', 'Move', 'Rename', 'Verify', 'Read'] as const;
const CREATING = /^(?:create|new|add|write)$/;
const CHANGING = /^(?:modify|edit|multiedit|update|change|refactor|bash)$/;
const REMOVING = /^(?:delete|remove|move|rename)$/;
const LOOKING = /^(?:read|glob|grep|review|research|analysis|analyze)$/;
const CHECKING = /^(?:verify|test|check|validate)$/;

/** `Create`, `Modify (refine T002 content)`, `Move + Delete`, `Verify (no file changes)` */
export function kindOf(text: string): TaskKind {
  const cut = text.slice(0, 300);
  const remark = cut.indexOf('(');
  const words = (remark === -1 ? cut : cut.slice(0, remark)).toLowerCase().match(/[a-z][a-z-]*/g) ?? [];
  const known = [CREATING, CHANGING, REMOVING, LOOKING, CHECKING];
  const [first] = words;
  return {
    type: first,
    creates: words.some(word => CREATING.test(word)) && !words.some(word => CHANGING.test(word)),
    readsOnly:
      /\bno (?:\w+ )?(?:file )?changes\b|\bread[- ]only\b/i.test(cut) ||
      (first !== undefined &&
        LOOKING.test(first) &&
        words.every(word => !known.slice(0, 3).some(kind => kind.test(word)))),
    unknown: first === undefined || known.some(kind => kind.test(first)) ? undefined : first,
  };
}

const PRIORITIES: readonly Priority[] = [0, 1, 2, 3];

/** `P0 Critical`, `P0 - Critical`, `🔴 P0 - Critical Priority`, `Critical (P0)`; `P0` alone as the value of a field. */
export function priorityIn(title: string): Priority | undefined {
  const cut = title.slice(0, 400);
  const [, digit] =
    /^[^A-Za-z0-9]{0,20}(?:priority[\s:*_-]{0,5})?P([0-3])(?!\w|\.\d)/i.exec(cut) ??
    /[([]\s?P([0-3])\s?[)\]]/i.exec(cut) ??
    [];
  return PRIORITIES.find(priority => String(priority) === digit);
}

/** `[x]`, `✅ Done`, `completed` */
export const isDoneStatus = (value: string): boolean =>
  /^[`*_\s]*(?:\[[xX]\]|[✅✓✔☑]|(?:done|completed?|finished)\b)/iu.test(value.slice(0, 60));
