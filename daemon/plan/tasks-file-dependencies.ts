import type { Span } from './fences.js';
import { readDrawing, type DrawnOrder } from './tasks-file-drawing.js';
import { listAt, type TaskRoster, type Wrong } from './tasks-file-refs.js';

export interface SaidOrder {
  readonly before: string;
  readonly after: string;
  readonly line: number;
}

export interface SaidOrders {
  readonly orders: readonly SaidOrder[];
  readonly wrong: readonly (Wrong & { readonly line: number })[];
}

/** Between a list of tasks and the word that counts: `must be finished before`. */
const VERB =
  /[\s`*_\]]{0,10}:?[\s*_]{0,10}(?:(?:is|are|must|should|will|has to|have to|be|run|runs|come|comes|start|starts|finish|finishes|done|finished|completed?|go|goes|only)\s{1,9}){0,5}(blocks?|before|precedes?|unblocks?|depends?\s+(?:up)?on|requires?|needs?|after|blocked\s+by|follows?|waits?\s+for)[\s*_]{0,10}:?[\s*_]{1,10}/iy;
const FORWARD = /^(?:block|unblock|before|precede)/i;
/** What may follow on the tasks: the end, or a remark. */
const END =
  /^[\s`*_\]]*(?:$|[.;:(—–-]|(?:can|could|may|starts?|begins?|runs?|because|since|so|as|is|are|,\s*(?:because|since|as|which|so|for))\b)/i;
const LONGEST = 5000;

/** Reads what the sections about dependencies say: arrows, drawings and sentences such as `T003 blocks T004`. */
export function readDependencies(
  lines: readonly string[],
  sections: readonly Span[],
  roster: TaskRoster,
): SaidOrders {
  const orders: SaidOrder[] = [];
  const wrong: (Wrong & { line: number })[] = [];
  for (const { from, to } of sections) {
    const rows = lines.slice(from, to).map(line => (/^\s*(?:`{3,}|~{3,})/.test(line) ? '' : line));
    const drawing = readDrawing(rows, roster);
    for (const order of drawing.orders) orders.push(placed(order, from));
    for (const { row, ...each } of drawing.wrong) wrong.push({ ...each, line: from + row });
    for (const [row, text] of rows.entries()) {
      const said = readSentence(text.slice(0, LONGEST), roster);
      for (const each of said.wrong) wrong.push({ ...each, line: from + row });
      for (const after of said.after)
        for (const before of said.before)
          if (--roster.left >= 0) orders.push({ before, after, line: from + row });
    }
  }
  return { orders, wrong };
}

const placed = ({ row, ...order }: DrawnOrder, from: number): SaidOrder => ({ ...order, line: from + row });

interface Sentence {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly wrong: readonly Wrong[];
}

const NOTHING: Sentence = { before: [], after: [], wrong: [] };

/** A whole line or nothing: `T030 edits a file and depends on T029 for its name` is a remark. */
function readSentence(line: string, roster: TaskRoster): Sentence {
  const text = line.replace(/^\s*(?:[-*+]|\d{1,9}[.)])\s+/, '');
  const first = listAt(text, 0, roster);
  if (first.end === 0) return NOTHING;
  VERB.lastIndex = first.end;
  const verb = VERB.exec(text)?.[1];
  if (verb === undefined) return NOTHING;
  const second = listAt(text, VERB.lastIndex, roster);
  if (second.end === VERB.lastIndex || !END.test(text.slice(second.end, second.end + 60))) return NOTHING;
  const wrong = [...first.wrong, ...second.wrong];
  return FORWARD.test(verb) && !/blocked/i.test(verb)
    ? { before: first.ids, after: second.ids, wrong }
    : { before: second.ids, after: first.ids, wrong };
}
