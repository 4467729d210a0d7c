import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { PlanFormat } from '../../bus-schema/plan.js';
import { fail, ok, unreachable, type Result } from '../../bus-schema/result.js';
import { readConductor } from './conductor.js';
import { readDispatch } from './dispatch.js';
import { dagBlocks, proseLines } from './fences.js';
import { readJson } from './json-source.js';
import { hasTask } from './markdown-tasks.js';
import { readNative } from './native.js';
import type { PlanReading } from './reading.js';
import { readTasksFile } from './tasks-file.js';
import { scanTasksFile } from './tasks-file-scan.js';
import { isWave, readWave } from './wave.js';
import { readYaml, tooLarge } from './yaml-source.js';

export type { PlanReading } from './reading.js';

export interface PlanInput {
  readonly text: string;
  /** Path as the user named it; `-` for standard input. */
  readonly file: string;
  /** Detected where it is not given. */
  readonly format?: PlanFormat | undefined;
  /** Absolute path of the file, kept in the plan; where it is missing, `file` if that is absolute. */
  readonly source?: string | undefined;
}

/** Reads a plan of any format. Errors are all that is wrong with the file, each with its place. */
export function readPlan(input: PlanInput): Result<PlanReading, Diagnostic[]> {
  const { file } = input;
  const text = input.text.replace(/^\ufeff/, '');
  const isMarkdown = input.format === 'conductor' || input.format === 'orchestrate';
  const excess = isJson(text) && !isMarkdown ? undefined : tooLarge(text, file);
  if (excess !== undefined) return fail([excess]);
  const format = input.format ?? detectFormat(text);
  if (format === undefined) return fail([noPlan(file)]);
  const read = readAs(format, text, file);
  const source = input.source ?? (file.startsWith('/') ? file : undefined);
  if (!read.ok || source === undefined) return read;
  return ok({ plan: { ...read.value.plan, source }, warnings: read.value.warnings });
}

function readAs(format: PlanFormat, text: string, file: string): Result<PlanReading, Diagnostic[]> {
  switch (format) {
    case 'conductor':
      return readConductor(text, file);
    case 'wave':
      return readWave(text, file);
    case 'orchestrate':
      return readTasksFile(text, file);
    case 'dispatch':
    case 'native': {
      const source = isJson(text) ? readJson(text, file) : readYaml(text, file);
      if (!source.ok) return source;
      return format === 'native' ? readNative(source.value) : readDispatch(source.value);
    }
    default:
      return unreachable(format);
  }
}

const isJson = (text: string): boolean => /^\s*\{/.test(text);

/** Keys of a list's entry, in a block or in braces. */
const AGENT_KEY = /(?:^|[{,])[ \t]*(?:-[ \t]+)*["']?agent["']?[ \t]*:(?:\s|$)/m;
const PROMPT_KEY = /(?:^|[{,])[ \t]*(?:-[ \t]+)*["']?prompt["']?[ \t]*:(?:\s|$)/m;

/** By content: a file's name says too little, and standard input has none. */
function detectFormat(text: string): PlanFormat | undefined {
  if (isJson(text)) {
    const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
    if (has('signalbox')) return 'native';
    if (has('taskId')) return 'wave';
    if (!has('dag') && ['tasks', 'agent', 'prompt'].every(has)) return 'dispatch';
    return has('wave') ? 'wave' : undefined;
  }
  const lines = text.split('\n');
  const prose = proseLines(lines).map(line => lines[line] ?? '');
  const hasRoot = (key: string): boolean => {
    const pattern = new RegExp(`^(${key}|"${key}"|'${key}')\\s*:(\\s|$)`);
    return prose.some(line => pattern.test(line));
  };
  if (hasRoot('signalbox')) return 'native';
  // A prompt may show a DAG block: in a list of tasks it is none.
  const noDag = !hasRoot('dag') && (hasRoot('tasks') || dagBlocks(lines).length === 0);
  if (noDag && isWave(lines)) return 'wave';
  if (hasRoot('tasks') && !hasRoot('dag') && AGENT_KEY.test(text) && PROMPT_KEY.test(text)) return 'dispatch';
  if (dagBlocks(lines).length > 0) return 'conductor';
  const { tasks } = scanTasksFile(lines);
  if (tasks.some(({ id }) => /^T\d/.test(id))) return 'orchestrate';
  if (hasTask(lines)) return 'conductor';
  return tasks.length > 0 ? 'orchestrate' : undefined;
}

function noPlan(file: string): Diagnostic {
  return {
    severity: 'error',
    file,
    message:
      'this is not a plan: neither a top-level signalbox: key (YAML or JSON), nor tasks: whose entries have an agent and a prompt, or a taskId or targetFiles, nor a fenced yaml block with a top-level dag: key or tasks such as `- [ ] Task 1.1: …` or `### T001: …` (Markdown) were found',
    remedy: 'Put signalbox: 1 at the beginning of a plan, or name its format with --format',
  };
}
