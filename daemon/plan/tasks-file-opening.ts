import { printable } from '../../bus-schema/printable.js';

/** A heading that begins a task, `### T001: Name`. */
export interface TaskHeading {
  readonly id: string;
  readonly title: string;
  /** `[x]`, `✅` or `(done)` in the heading. */
  readonly done: boolean;
}

/** A heading that begins a group of tasks without numbers. */
export interface GroupHeading {
  readonly name: string;
  /** What others may call it. */
  readonly names: readonly string[];
}

const LONGEST = 400;
const BEFORE = /^(?:\[[ xX~!]\]\s+|[✅✓✔☑⬜⏳🔲]\ufe0f?\s*)/u;
const BEHIND = /\s+(?:\[[ xX~!]\]|[✅✓✔☑]\ufe0f?|\((?:done|completed?)\))$/iu;
const TICKED = /\[[xX]\]|[✅✓✔☑]|done|complete/iu;
/** An id is one by what follows it; three digits need nothing more than a blank. */
const TASK = /^([*_`~]*)(?:task\s+)?(T\d{1,6}(?:\.\d{1,3}){0,3}[a-z]?)([*_`~]*)(?=$|\s|[:.)\]–—|-])(.*)$/i;

/** The task that a heading begins; the same of what a box of a group says, where that has a number. */
export function taskHeading(heading: string): TaskHeading | undefined {
  let title = heading.slice(0, LONGEST).trim();
  let done = false;
  for (const mark of [BEFORE, BEHIND]) {
    const found = mark.exec(title);
    if (found === null) continue;
    done ||= TICKED.test(found[0]);
    title = title.replace(found[0], '').trim();
  }
  const [, before = '', id = '', marks = '', tail = ''] = TASK.exec(title) ?? [];
  if (!id.startsWith('T')) return undefined;
  const separated = marks !== '' || /^(?:\s*[:.)\]–—|]|\s*-\s|$)/.test(tail) || /^T\d{3}/.test(id);
  if (!separated) return undefined;
  const words = tail
    .replace(/^[*_`~]*[\s:.)\]–—|-]*(?:[*_]+\s+)?/, '')
    .replace(before === '' ? /$^/ : /[*_~]+$/, '')
    .trim();
  return { id, title: words === '' ? id : printable(words, 300), done };
}

/** `Group: Name`, `Group A: Name`, `Group A` */
export function groupHeading(heading: string): GroupHeading | undefined {
  const [, letter = '', named = ''] =
    /^[^A-Za-z0-9]{0,20}group\b[ \t]*([\w.-]{0,40})[ \t]*(?::\s*(.*))?$/i.exec(heading.slice(0, LONGEST)) ??
    [];
  const name = named.replace(/[*_`]/g, '').trim();
  if (letter === '' && name === '') return undefined;
  const called = letter === '' ? [] : [letter, `Group ${letter}`];
  const names = name === '' ? called : [name, `Group: ${name}`, `Group ${name}`, ...called];
  return { name: printable(name === '' ? `Group ${letter}` : name, 100), names };
}

/** `Wave 2` */
export function waveHeading(heading: string): number | undefined {
  const [, digits] = /^[^A-Za-z0-9]{0,20}wave[ \t]+(\d{1,4})\b/i.exec(heading.slice(0, LONGEST)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export const isDependencyHeading = (heading: string): boolean =>
  /\bdependenc(?:y|ies)\b/i.test(heading.slice(0, LONGEST));
