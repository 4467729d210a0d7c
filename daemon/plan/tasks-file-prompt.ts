import type { AskedPlan } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import type { FoundTask } from './tasks-file-scan.js';

/** As much of a task as its prompt speaks of. */
export interface Prompted {
  readonly found: FoundTask;
  readonly files: readonly string[];
  readonly readsOnly: boolean;
}

/** So many files are named; a task with more has them in its own lines. */
const MOST_NAMED = 50;

/** What an agent is told to do for a task of a tasks file. Ticks are left out: they change while the run goes on. */
export function taskPrompt(
  lines: readonly string[],
  plan: string,
  { found, files, readsOnly }: Prompted,
): string {
  const { id, title, group } = found;
  const purpose = group === undefined ? [] : textOf(lines, group.line + 1, group.to ?? 0, group.orderLines);
  const body = textOf(lines, found.line + 1, found.to, found.orderLines);
  const parts = [
    `You work on one task of the plan "${plan}": ${id === title ? id : `${id}, ${title}`}.`,
    filesSentence(files, readsOnly),
    ...(purpose.length === 0
      ? []
      : [`It belongs to the group "${group?.name ?? ''}":\n\n${purpose.join('\n')}`]),
    ...(body.length === 0
      ? []
      : [`The plan says of it (files, steps, when it is a success):\n\n${body.join('\n')}`]),
    'Do all its steps and nothing beyond them. It is done when what the plan calls success or acceptance holds; check that yourself before you end. If it cannot be done, say why and end with a failure.',
  ];
  return `${parts.join('\n\n')}\n`.replaceAll('\0', '');
}

/** Where the tasks of a run find what all of them need to know; empty if the run has no such place. */
export function contextSentence({ format, workspace }: Pick<AskedPlan, 'format' | 'workspace'>): string {
  if (format !== 'orchestrate' || workspace === undefined) return '';
  return `\nWhat is known of the code base stands in ${workspace}/context.json; read it first, if it is there.\n`;
}

function filesSentence(files: readonly string[], readsOnly: boolean): string {
  const named = files.slice(0, MOST_NAMED).map(file => printable(file, 300));
  if (files.length > MOST_NAMED) named.push(`and ${files.length - MOST_NAMED} more, named below`);
  if (readsOnly)
    return `It changes no file.${named.length === 0 ? '' : ` These are its files to read: ${named.join(', ')}.`}`;
  if (named.length === 0)
    return 'It names no files: change none, unless its steps cannot be done without, for other agents work in the same folder at the same time.';
  return `Its files: ${named.join(', ')}. Create, change or delete no others: other agents work on them at the same time.`;
}

/** Lines of the plan without those about order, without ticks, and without rules and blank lines at both ends. */
function textOf(lines: readonly string[], from: number, to: number, orderLines: readonly number[]): string[] {
  const text: string[] = [];
  const without = new Set(orderLines);
  for (let line = from; line < to; line++) {
    if (without.has(line)) continue;
    const bare = (lines[line] ?? '').trimEnd().replace(/^(\s*(?:[-*+]|\d{1,9}[.)])\s+)\[[ xX~!]\]\s+/, '$1');
    if (isRule(bare) && (text.length === 0 || line === to - 1)) continue;
    if (bare !== '' || (text.length > 0 && text.at(-1) !== '')) text.push(bare);
  }
  while (isRule(text.at(-1) ?? 'x')) text.pop();
  return text;
}

const isRule = (line: string): boolean => /^(?:-{3,}|\*{3,}|_{3,})?$/.test(line.trim());
