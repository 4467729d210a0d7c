import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import type { Result } from '../../bus-schema/result.js';
import type { Reading } from './fields.js';
import { markdownTasks, type Written } from './markdown-tasks.js';
import type { PlanReading } from './reading.js';
import { Problems, wrong, type Path, type Place, type Source } from './source.js';
import { taskRefs, type Roster } from './task-refs.js';
import { pathsIn } from './task-paths.js';
import { nameOf } from './track-name.js';
import { waveSections, type WaveSection } from './wave-sections.js';
import { concludeWave, warning, type Named, type WaveTask } from './wave-task.js';

/** Each word for how hard a task is, the harder ones later. */
const COMPLEXITIES = [
  { word: 'easy', model: 'sonnet', review: false },
  { word: 'medium', model: 'opus', review: false },
  { word: 'hard', model: 'opus', review: true },
] as const;
type Complexity = (typeof COMPLEXITIES)[number];

/** Ranges and graphs are short to write: so many dependencies may be meant by all of them together. */
const MOST_EDGES = 500_000;

export function hasWaveTask(lines: readonly string[]): boolean {
  return waveSections(lines).tasks.length > 0;
}

/**
 * Whether a section of a task says how hard it is, or which agent is to do it. Plans with boxes for tasks are of another
 * format, whatever they say beside that.
 */
export function saysComplexity(lines: readonly string[]): boolean {
  const said = waveSections(lines).tasks.some(
    ({ fields }) =>
      fields.subagent_type.length > 0 || fields.complexity.some(({ text }) => wordsIn(text).length > 0),
  );
  return said && markdownTasks(lines).tasks.every(({ seen }) => !seen.includes('box'));
}

/** Reads a wave whose tasks are sections of Markdown. */
export function readWaveMarkdown(lines: readonly string[], file: string): Result<PlanReading, Diagnostic[]> {
  const { tasks: sections, graph } = waveSections(lines);
  const reading: Reading = { source: sourceOf(lines, file), problems: new Problems() };
  const order = sections.map(({ number }) => number);
  const roster: Roster = {
    order,
    places: new Map(order.map((number, index) => [number, index])),
    left: MOST_EDGES,
  };
  const edges = edgesOf(reading, graph, roster);
  const tasks = sections.map(section =>
    readSection(reading, section, roster, edges.get(section.number) ?? []),
  );
  if (roster.left < 0)
    reading.problems.push(wrong([], `there are more than ${MOST_EDGES} dependencies in lists and graph`));
  return concludeWave(reading, tasks, { name: nameOf(lines, file), listPath: [] });
}

const at = (line: number): Path => ['line', line];
const idOf = (number: string): string => `task-${number}`;

/** A path is a line: more places there are not in prose. */
function sourceOf(lines: readonly string[], file: string): Source {
  return {
    file,
    value: undefined,
    warnings: [],
    placeOf([, line = 0]): Place {
      const column = Math.max(0, (lines[Number(line)] ?? '').search(/\S/)) + 1;
      return { line: Number(line) + 1, column };
    },
    writtenAt: () => '',
  };
}

function readSection(
  reading: Reading,
  section: WaveSection,
  roster: Roster,
  fromGraph: readonly Named[],
): WaveTask {
  const { number, title, line, fields, body } = section;
  const complexity = complexityOf(reading, section);
  const named = new Map<string, Named>();
  for (const { text, line: there } of fields.dependencies) {
    for (const one of refsIn(reading, { text, line: there }, roster, `task ${number}`))
      named.set(one, { id: idOf(one), path: at(there) });
  }
  return {
    path: at(line),
    id: idOf(number),
    idPath: at(line),
    dependencies: [...named.values(), ...fromGraph],
    files: new Map(fields.files.flatMap(written => filesIn(reading, written, number))),
    model: complexity?.model,
    review: complexity?.review === true,
    context: {
      description: title === '' ? undefined : title,
      role: fields.subagent_type.at(-1)?.text,
      instructions: body === '' ? [] : [body],
      ...{ outputs: undefined, constraints: undefined, more: {} },
    },
  };
}

/** What a word cannot say exactly counts as the harder of what it may mean. */
function complexityOf({ problems }: Reading, { fields, number }: WaveSection): Complexity | undefined {
  const said = fields.complexity.at(-1);
  if (said === undefined) return undefined;
  const words = wordsIn(said.text);
  const taken = words.at(-1) ?? COMPLEXITIES[2];
  if (words.length !== 1) {
    const message = `task ${number}: complexity "${printable(said.text, 60)}" is not one of easy, medium, hard`;
    problems.push(warning(at(said.line), message, `It counts as ${taken.word}`));
  }
  return taken;
}

/** Remarks in parentheses say nothing of it. */
function wordsIn(text: string): Complexity[] {
  const words = text
    .slice(0, 200)
    .replace(/\([^()]*\)/g, ' ')
    .toLowerCase()
    .split(/[^a-z]+/);
  return COMPLEXITIES.filter(({ word }) => words.includes(word));
}

function filesIn({ problems }: Reading, { text, line }: Written, number: string): [RepoPath, Path][] {
  // Some may stand in back-ticks and others not.
  const paths = text.split(',').flatMap(pathsIn);
  return paths.flatMap((path): [RepoPath, Path][] => {
    const parsed = parseRepoPath(path);
    if (parsed.ok) return [[parsed.value, at(line)]];
    problems.push(wrong(at(line), `task ${number}: files: ${printable(parsed.error)}`));
    return [];
  });
}

function refsIn(
  { problems }: Reading,
  { text, line }: Written,
  roster: Roster,
  whose: string,
): readonly string[] {
  const { ids, prose } = taskRefs(text, roster);
  const [first] = prose;
  if (first !== undefined) {
    const message = `${whose}: "${first}" names no task and is passed over`;
    problems.push(warning(at(line), message, 'Put remarks in parentheses'));
  }
  // `task-1` is the id, `1` what is counted here.
  return ids.map(id => id.replace(/^task-/i, ''));
}

const ARROW = /(?:[-─=]{1,20}>|[→⟶⇒➜])/;

/** `Task 1, Task 2 -> Task 3`: the last waits for the others. By the task that waits. */
function edgesOf(reading: Reading, graph: readonly Written[], roster: Roster): Map<string, Named[]> {
  const edges = new Map<string, Named[]>();
  for (const { text, line } of graph) {
    const parts = text.split(ARROW);
    if (parts.length < 2) continue;
    const chain = parts.map(part =>
      refsIn(reading, { text: part.replace(/^\s*[-*+]\s/, ''), line }, roster, 'the dependency graph'),
    );
    for (const [index, before] of chain.slice(0, -1).entries()) {
      const after = chain[index + 1] ?? [];
      roster.left -= before.length * after.length;
      if (roster.left < 0) return edges;
      const named = before.map((one): Named => ({ id: idOf(one), path: at(line) }));
      for (const one of after) {
        const known = edges.get(one) ?? [];
        if (roster.places.has(one)) {
          for (const each of named) known.push(each);
          edges.set(one, known);
        } else {
          const message = `the dependency graph names task ${printable(one, 60)}, which is not in the plan`;
          reading.problems.push(wrong(at(line), message));
        }
      }
    }
  }
  return edges;
}
