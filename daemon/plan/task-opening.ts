import { printable } from '../../bus-schema/printable.js';
import { checkboxOf, type Checkbox } from './checkbox.js';
import type { ProseLine } from './prose.js';

/** The line that a task begins with. */
export interface Opening {
  readonly id: string;
  readonly title: string;
  /** A task of a fix phase. */
  readonly fix: boolean;
  /** Absent for a heading. */
  readonly box: Checkbox | undefined;
  /** Whether a heading bears a ticked box of its own, `### Task 1: … [x]`. */
  readonly ticked: boolean;
}

/** Looks like a task, but its id is followed by the rest of a sentence: `- [ ] Task 3 is deployed`. */
export interface NearMiss {
  readonly nearMiss: string;
}

/** Beyond it there is no id and no title; patterns are kept off the rest of a line. */
const LONGEST = 400;

/** `Task 1.1` or `Fix 1`, whatever emphasis it stands in. */
const NAMED = /^[^A-Za-z0-9]{0,20}(task|fix)\s+[*_`]*([A-Za-z0-9][A-Za-z0-9._-]*)([*_`]*)(.*)$/i;
/** A dotted number, `**1.1**` or `1.1:`, is an id by itself; a plain one could count anything. */
const NUMBERED = /^([*_`]*)(\d+(?:\.\d+)+[a-z]?\.?)([*_`]*)(.*)$/;

/**
 * The task that a line begins. A heading or a box with the word `Task` or `Fix` and an id begins one; a box with nothing
 * but a dotted number does, unless it stands among the steps of a task or the criteria of a plan.
 */
export function openingOf(prose: ProseLine, amongSteps: boolean): Opening | NearMiss | undefined {
  if (prose.section === 'aside') return undefined;
  if (prose.heading !== undefined) return headingTask(prose.heading.title, prose.fixPhase);
  const box = checkboxOf(prose.text);
  if (box === undefined) return undefined;
  const rest = box.rest.slice(0, LONGEST);
  const named = namedTask(rest, prose.fixPhase);
  if (named !== undefined) return 'nearMiss' in named ? named : { ...named, box, ticked: box.ticked };
  if (amongSteps || prose.section === 'criteria') return undefined;
  const [, before = '', id = '', after = '', tail = ''] = NUMBERED.exec(rest) ?? [];
  if (id === '' || (before === '' && /^\s/.test(prose.text))) return undefined;
  const label = { id, marked: before !== '' || after !== '', tail };
  const task = labelled(label, rest, bare => bare);
  if (task === undefined || 'nearMiss' in task) return task;
  return { ...task, fix: false, box, ticked: box.ticked };
}

/** What a fix is called in a plan: those of a second phase have its number before their own. */
export function fixId(number: string, phase: number): string {
  return phase > 1 ? `fix-${phase}-${number}` : `fix-${number}`;
}

function headingTask(title: string, fixPhase: number): Opening | NearMiss | undefined {
  const mark = /^\[([ xX~!])\]\s+|\s+\[([ xX~!])\]$/.exec(title);
  const bare = mark === null ? title : title.replace(mark[0], '');
  const named = namedTask(bare, fixPhase);
  if (named === undefined || 'nearMiss' in named) return named;
  return { ...named, box: undefined, ticked: /x/i.test(mark?.[0] ?? '') };
}

function namedTask(
  rest: string,
  fixPhase: number,
): Pick<Opening, 'id' | 'title' | 'fix'> | NearMiss | undefined {
  const [, word = '', id = '', marks = '', tail = ''] = NAMED.exec(rest) ?? [];
  if (id === '') return undefined;
  const fix = word.toLowerCase() === 'fix';
  const label = { id, marked: marks !== '', tail };
  const task = labelled(label, rest, bare => (fix ? fixId(bare, fixPhase) : bare));
  return task === undefined || 'nearMiss' in task ? task : { ...task, fix };
}

/** A label is one by what follows it: punctuation, emphasis that ends, a new sentence, or nothing. */
function labelled(
  { id, marked, tail }: { id: string; marked: boolean; tail: string },
  whole: string,
  nameOf: (bare: string) => string,
): { id: string; title: string } | NearMiss | undefined {
  const bare = id.replace(/[._-]+$/, '');
  if (!/\d/.test(bare)) return undefined;
  const separated = marked || bare !== id || /^\s*([:)—–|]|-\s|<!--|$)/.test(tail);
  if (!separated && !/^\s/.test(tail)) return undefined;
  if (!separated && /^\s+[a-z]/.test(tail)) return { nearMiss: printable(whole, 60) };
  const words = withoutComments(tail)
    .replace(/^[*_`]*[\s:)—–|-]*(?:[*_]+\s+)?/, '')
    .trimEnd();
  // Emphasis that began before the label ends behind the title.
  const title = /^[*_]/.test(whole) ? words.replace(/[*_]+$/, '') : words;
  return { id: nameOf(bare), title: title === '' ? nameOf(bare) : printable(title, 300) };
}

function withoutComments(text: string): string {
  const from = text.indexOf('<!--');
  return from === -1 ? text : text.slice(0, from);
}
