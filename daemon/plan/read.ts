import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { PlanFormat } from '../../bus-schema/plan.js';
import { fail, ok, unreachable, type Result } from '../../bus-schema/result.js';
import { readConductor } from './conductor.js';
import { dagBlocks, proseLines } from './fences.js';
import { readJson } from './json-source.js';
import { readNative } from './native.js';
import type { PlanReading } from './reading.js';
import { MAX_YAML_SIZE, readYaml, tooLarge } from './yaml-source.js';

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

/** Reads a plan of either format. Errors are all that is wrong with the file, each with its place. */
export function readPlan(input: PlanInput): Result<PlanReading, Diagnostic[]> {
  const { file } = input;
  const text = input.text.replace(/^\ufeff/, '');
  if (!isJson(text) && text.length > MAX_YAML_SIZE) return fail([tooLarge(file)]);
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
    case 'native': {
      const source = isJson(text) ? readJson(text, file) : readYaml(text, file);
      return source.ok ? readNative(source.value) : source;
    }
    default:
      return unreachable(format);
  }
}

const isJson = (text: string): boolean => /^\s*\{/.test(text);

/** By content: a file's name says too little, and standard input has none. */
function detectFormat(text: string): PlanFormat | undefined {
  if (isJson(text)) return /"signalbox"\s*:/.test(text) ? 'native' : undefined;
  const lines = text.split('\n');
  const marked = proseLines(lines).some(line =>
    /^(signalbox|"signalbox"|'signalbox')\s*:(\s|$)/.test(lines[line] ?? ''),
  );
  if (marked) return 'native';
  return dagBlocks(lines).length > 0 ? 'conductor' : undefined;
}

function noPlan(file: string): Diagnostic {
  return {
    severity: 'error',
    file,
    message:
      'this is not a plan: neither a top-level signalbox: key (YAML or JSON) nor a fenced yaml block with a top-level dag: key (Markdown) was found',
    remedy: 'Put signalbox: 1 at the beginning of a plan, or name its format with --format',
  };
}
