import type { RunOptions } from '../../bus-schema/command.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { parseDuration } from '../../bus-schema/duration.js';
import type { PlanFormat } from '../../bus-schema/plan.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { didYouMean } from '../plan/suggest.js';

/** Flags as they were typed, before anything is checked; what was not given is absent. */
export interface BusFlags {
  readonly bus?: string;
}

export interface JsonFlags extends BusFlags {
  readonly json?: boolean;
}

export interface RunFlags extends JsonFlags {
  readonly maxParallel?: string;
  /** The same as `maxParallel`. */
  readonly workers?: string;
  readonly timeout?: string;
  readonly onFailure?: string;
  readonly schedule?: string;
  readonly output?: string;
  readonly agent?: string;
  readonly command?: string;
  readonly fresh?: boolean;
  /** False for `--no-tick`. */
  readonly tick?: boolean;
  readonly format?: string;
  readonly dryRun?: boolean;
}

export interface UpFlags extends JsonFlags {
  readonly maxParallel?: string;
  readonly detach?: boolean;
}

const FORMATS = [
  'conductor',
  'dispatch',
  'wave',
  'orchestrate',
  'native',
] as const satisfies readonly PlanFormat[];
const ON_FAILURE = ['continue', 'stop', 'retry'] as const;
const SCHEDULES = ['dag', 'waves'] as const;
const MOST_PARALLEL = 1000;

/** The options that flags amount to, or all that is wrong with them, each named by its flag. */
export function runOptionsOf(flags: RunFlags): Result<RunOptions, Diagnostic[]> {
  const problems: Diagnostic[] = [];
  const take = <T>(read: Result<T, Diagnostic> | undefined): T | undefined => {
    if (read?.ok === false) problems.push(read.error);
    return read?.ok === true ? read.value : undefined;
  };
  const options = {
    format: take(given(flags.format, text => choiceOf('--format', text, FORMATS))),
    maxParallel: take(parallelOf(flags)),
    timeoutMs: take(given(flags.timeout, text => durationOf('--timeout', text))),
    schedule: take(given(flags.schedule, text => choiceOf('--schedule', text, SCHEDULES))),
    onFailure: take(given(flags.onFailure, text => choiceOf('--on-failure', text, ON_FAILURE))),
    outputDir: take(given(flags.output, text => textOf('--output', text, 'Name a folder'))),
    agent: take(given(flags.agent, text => textOf('--agent', text, 'Name an agent'))),
    command: take(given(flags.command, text => textOf('--command', text, 'Give a shell command'))),
    fresh: flags.fresh,
    noTick: flags.tick === false ? true : undefined,
  };
  if (problems.length > 0) return fail(problems);
  return ok(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}

/** How many tasks at once, from a flag; `-3`, `many` and `0` are refused. */
export function countOf(flag: string, text: string, most = MOST_PARALLEL): Result<number, Diagnostic> {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (count >= 1 && count <= most) return ok(count);
  return wrongFlag(flag, `"${text}" is not possible`, `Give a whole number from 1 to ${most}`);
}

/** One of a few words, with a suggestion for one that is nearly right. */
export function choiceOf<T extends string>(
  flag: string,
  text: string,
  choices: readonly T[],
): Result<T, Diagnostic> {
  const chosen = choices.find(choice => choice === text);
  if (chosen !== undefined) return ok(chosen);
  const near = didYouMean(text, choices);
  const list = `It is one of ${choices.join(', ')}`;
  return wrongFlag(flag, `"${text}" is not known`, near === undefined ? list : `${near} ${list}`);
}

/** Milliseconds; a bare number is milliseconds already. */
function durationOf(flag: string, text: string): Result<number, Diagnostic> {
  const parsed = parseDuration(text, 'ms');
  if (!parsed.ok) return wrongFlag(flag, parsed.error);
  return parsed.value > 0
    ? parsed
    : wrongFlag(flag, `"${text}" is no time at all`, 'Give a duration such as 30m');
}

function parallelOf({ maxParallel, workers }: RunFlags): Result<number, Diagnostic> | undefined {
  if (maxParallel !== undefined && workers !== undefined && maxParallel !== workers) {
    return wrongFlag(
      '--workers',
      `it is another name of --max-parallel, which says ${maxParallel} and not ${workers}`,
      'Give one of them',
    );
  }
  if (maxParallel !== undefined) return countOf('--max-parallel', maxParallel);
  return given(workers, text => countOf('--workers', text));
}

function textOf(flag: string, text: string, remedy: string): Result<string, Diagnostic> {
  if (text.includes('\0')) return wrongFlag(flag, 'it has a NUL character in it', remedy);
  return text.trim() === '' ? wrongFlag(flag, 'it is empty', remedy) : ok(text);
}

function given<T>(
  text: string | undefined,
  read: (text: string) => Result<T, Diagnostic>,
): Result<T, Diagnostic> | undefined {
  return text === undefined ? undefined : read(text);
}

function wrongFlag(flag: string, message: string, remedy?: string): Result<never, Diagnostic> {
  return fail({ severity: 'error', file: flag, message, ...(remedy === undefined ? {} : { remedy }) });
}
