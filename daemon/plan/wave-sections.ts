import type { Written } from './markdown-tasks.js';
import { proseOf, type ProseLine } from './prose.js';

const LABELS = ['files', 'dependencies', 'complexity', 'instructions', 'subagent_type'] as const;
type Label = (typeof LABELS)[number];

/** `### Task 1: Name` with all that stands below it. */
export interface WaveSection {
  readonly number: string;
  readonly title: string;
  /** Counts from 0. */
  readonly line: number;
  readonly fields: Readonly<Record<Exclude<Label, 'instructions'>, readonly Written[]>>;
  /** Its instructions, and whatever else is no field: nothing that a plan says to the agent is lost. */
  readonly body: string;
}

export interface WaveSections {
  readonly tasks: readonly WaveSection[];
  /** The lines of the dependency graph, fenced ones too. */
  readonly graph: readonly Written[];
}

/** The level of a task's heading; what is deeper belongs to the task. */
const LEVEL = 3;
const TASK = /^Task[ -](\d[\w.]{0,40}?)[.:]?(?:\s+(?:[-–—:]\s*)?(.*))?$/i;
const GRAPH = /^\W*dependency graph\b/i;
const FIELD = /^(\s*)(?:[-*+]\s+)?(?:\*\*|__)([A-Za-z_]{4,14})(?:(?:\*\*|__)\s?:|:(?:\*\*|__))(?:\s+|$)/;

/** Finds the tasks of a text, one a section, and its dependency graph. */
export function waveSections(lines: readonly string[]): WaveSections {
  const scan = new Scan();
  const prose = new Map<number, ProseLine>();
  for (const each of proseOf(lines)) prose.set(each.line, each);
  for (const [line, text] of lines.entries()) scan.take(line, text.replace(/\r$/, ''), prose.get(line));
  return { tasks: scan.open.map(sectionOf), graph: scan.graph };
}

interface Open {
  readonly number: string;
  readonly title: string;
  readonly line: number;
  readonly fields: Record<Exclude<Label, 'instructions'>, Written[]>;
  readonly body: string[];
  /** Column of the instructions' label: what stands deeper is theirs, whatever it looks like. */
  indent: number;
  /** The field whose list goes on, and its column. */
  list: { readonly label: 'files' | 'dependencies'; readonly indent: number } | undefined;
}

class Scan {
  readonly open: Open[] = [];
  readonly graph: Written[] = [];
  #where: 'task' | 'graph' | 'else' = 'else';

  take(line: number, text: string, prose: ProseLine | undefined): void {
    const heading = prose?.heading;
    if (heading !== undefined && heading.level <= LEVEL) this.#begin(heading.title, heading.level, line);
    else if (this.#where === 'graph') this.graph.push({ text, line });
    else if (this.#where === 'task') this.#read(line, text, prose !== undefined);
  }

  #begin(title: string, level: number, line: number): void {
    const [, number, name = ''] = (level === LEVEL ? TASK.exec(title) : null) ?? [];
    this.#where = number !== undefined ? 'task' : GRAPH.test(title) ? 'graph' : 'else';
    if (number === undefined) return;
    const fields = { files: [], dependencies: [], complexity: [], subagent_type: [] };
    const title_ = name.replace(/[\s#]+$/, '');
    this.open.push({ number, title: title_, line, fields, body: [], indent: Infinity, list: undefined });
  }

  #read(line: number, text: string, isProse: boolean): void {
    const task = this.open.at(-1);
    if (task === undefined) return;
    const indent = text.search(/\S/);
    const match = isProse && indent <= task.indent ? FIELD.exec(text.slice(0, 200)) : null;
    const label = LABELS.find(each => each === match?.[2]?.toLowerCase());
    const value = text.slice(match?.[0].length ?? 0).trim();
    if (label === undefined) {
      const { list } = task;
      if (list !== undefined && indent > list.indent) {
        task.fields[list.label].push({ text: text.replace(/^\s*[-*+]\s+/, ''), line });
        return;
      }
      task.list = undefined;
      task.body.push(text);
      return;
    }
    task.list = undefined;
    if (label === 'instructions') {
      task.indent = indent;
      task.body.push(value);
      return;
    }
    task.fields[label].push({ text: value, line });
    if (value === '' && (label === 'files' || label === 'dependencies')) task.list = { label, indent };
  }
}

function sectionOf({ number, title, line, fields, body }: Open): WaveSection {
  return { number, title, line, fields, body: dedented(body) };
}

/** Without the indentation that all lines share, blank lines at both ends, and the rule that sets a task apart. */
function dedented(lines: readonly string[]): string {
  let to = lines.length;
  while (to > 0 && /^(-{3,}|\*{3,})?$/.test((lines[to - 1] ?? '').trim())) to--;
  const kept = lines.slice(0, to);
  // A label's own line has lost its beginning already.
  const indents = kept.filter(line => /^\s+\S/.test(line)).map(line => line.search(/\S/));
  const least = indents.reduce((low, indent) => Math.min(low, indent), Infinity);
  const cut = least === Infinity ? 0 : least;
  return kept
    .map(line => (/^\s/.test(line) ? line.slice(Math.min(cut, Math.max(0, line.search(/\S|$/)))) : line))
    .join('\n')
    .trim();
}
