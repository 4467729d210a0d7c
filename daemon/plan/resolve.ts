import type { RunOptions } from '../../bus-schema/command.js';
import { DEFAULTS, type Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedTask, Plan, PlanFormat, Task } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, unreachable, type Result } from '../../bus-schema/result.js';
import { CONDUCTOR_DEFAULTS } from './conductor.js';
import { DISPATCH_DEFAULTS } from './dispatch.js';
import { NATIVE_DEFAULTS } from './native.js';
import { MOST_WORKERS, ORCHESTRATE_DEFAULTS } from './tasks-file.js';
import { WAVE_DEFAULTS, WAVE_LIMITS } from './wave.js';
import { leavesRepo, outputPath } from './output-path.js';
import { workReader } from './work.js';

/** Attempts after the first where failures are to be retried and nothing says how often. */
const RETRIES_ON_RETRY = 3;

/**
 * Decides all that a plan leaves open: a flag wins over the plan (the task over its settings), the plan over the
 * config, the config over the format's default. Errors have no line: they are about the run, not the file's text.
 */
export function resolvePlan(
  asked: AskedPlan,
  options: RunOptions,
  config: Config,
): Result<Plan, Diagnostic[]> {
  const defaults = defaultsOf(asked.format);
  const { settings } = asked;
  const onFailure = options.onFailure ?? settings.onFailure ?? config.on_failure ?? defaults.onFailure;
  const fallback = {
    timeoutMs: config.timeout ?? defaults.timeoutMs,
    retries: config.retries ?? (onFailure === 'retry' ? RETRIES_ON_RETRY : defaults.retries),
  };
  const outputDir = options.outputDir ?? settings.outputDir ?? defaults.outputDir;
  const works = workReader(asked, options, config);
  const tasks: Task[] = [];
  for (const task of asked.tasks) {
    const work = works.read(task);
    if (work === undefined) continue;
    const review = works.review(task);
    const { review: _, ...own } = task;
    tasks.push({
      ...own,
      ...(task.output === undefined ? {} : { output: outputPath(task.output, outputDir) }),
      ...(asked.format === 'dispatch' ? { asked: inItsWords(task) } : {}),
      work,
      ...(review === undefined ? {} : { review }),
      timeoutMs: options.timeoutMs ?? task.timeoutMs ?? settings.timeoutMs ?? fallback.timeoutMs,
      retries: task.retries ?? settings.retries ?? fallback.retries,
      done: task.done && options.fresh !== true,
    });
  }
  const problems = [...works.problems(), ...strayOutput(asked, options)];
  if (problems.length > 0) return fail(problems);
  return ok({
    ...asked,
    version: 1,
    tasks,
    limits: limitsOf(asked, config),
    settings: {
      maxParallel: maxParallelOf(asked, options, config),
      heartbeatTimeoutMs:
        settings.heartbeatTimeoutMs ?? config.heartbeat_timeout ?? defaults.heartbeatTimeoutMs,
      onFailure,
      schedule: options.schedule ?? settings.schedule ?? config.schedule ?? defaults.schedule,
      ...vitalOf(asked),
      ...onConflictOf(settings.onConflict ?? defaults.onConflict),
      backoffFirstMs: config.backoff?.first ?? DEFAULTS.backoffFirstMs,
      backoffLongestMs: config.backoff?.longest ?? DEFAULTS.backoffLongestMs,
    },
    tick: asked.format === 'conductor' && asked.source !== undefined && options.noTick !== true,
  });
}

function inItsWords({ work, output }: AskedTask): NonNullable<Task['asked']> {
  const agent = work?.kind === 'agent' ? work.agent : undefined;
  return { ...(agent === undefined ? {} : { agent }), ...(output === undefined ? {} : { output }) };
}

/** To leave the repo is nothing to happen by a slip: it takes an absolute path. */
function strayOutput({ tasks }: AskedPlan, { outputDir }: RunOptions): Diagnostic[] {
  const stray = outputDir !== undefined && !outputDir.startsWith('/') && leavesRepo(outputDir);
  if (!stray || tasks.every(task => task.output === undefined)) return [];
  return [
    {
      severity: 'error',
      file: '--output',
      message: `"${printable(outputDir, 100)}" is not inside the repo`,
      remedy: 'Name a folder of the repo, or give the absolute path of one outside of it',
    },
  ];
}

/** When all that is most urgent in a tasks file has failed, the rest is not worth running. */
function vitalOf({ format, tasks }: AskedPlan): Pick<Plan['settings'], 'vital'> {
  return format === 'orchestrate' && tasks.some(task => task.priority === 0) ? { vital: 0 } : {};
}

const onConflictOf = (onConflict: Plan['settings']['onConflict']): Pick<Plan['settings'], 'onConflict'> =>
  onConflict === undefined ? {} : { onConflict };

/** Reviews at once, where nothing says how many. */
const REVIEW_LIMIT = 5;

/** By task type, the plan's own before the config's before the format's; `review` holds for the reviews of any task. */
function limitsOf({ format, limits, tasks }: AskedPlan, config: Config): Record<string, number> {
  const isWave = format === 'wave';
  // The types of a wave are in small letters, whatever it writes.
  const configured = Object.entries(config.limits ?? {}).map(([type, most]): [string, number] => [
    isWave ? type.toLowerCase() : type,
    most,
  ]);
  const reviews = tasks.some(task => task.review === true);
  return {
    ...(isWave ? WAVE_LIMITS : {}),
    ...(reviews ? { review: REVIEW_LIMIT } : {}),
    ...Object.fromEntries(configured),
    ...limits,
  };
}

/** The programs that a plan's agents are, each once: what has to be found on the PATH. */
export function programsOf(plan: Plan): string[] {
  const works = plan.tasks.flatMap(({ work, review }) =>
    review === undefined ? [work] : [work, review.review, review.fix],
  );
  const programs = works.map(work => (work.kind === 'agent' ? work.argv[0] : undefined));
  return [...new Set(programs.filter(program => program !== undefined))];
}

/** What the run may have at once; the config's cap over all runs is the daemon's to keep, and may change while it runs. */
function maxParallelOf(asked: AskedPlan, options: RunOptions, config: Config): number {
  const most = asked.format === 'orchestrate' ? MOST_WORKERS : Infinity;
  return Math.min(most, askedParallel(asked, options, config) ?? defaultsOf(asked.format).maxParallel);
}

/** As whoever says something about it wants it; undefined where nobody does. */
export function askedParallel(
  { settings }: AskedPlan,
  options: RunOptions,
  config: Config,
): number | undefined {
  return options.maxParallel ?? settings.maxParallel ?? config.parallelism?.maxParallelTasks;
}

interface Defaults extends Pick<
  Plan['settings'],
  'maxParallel' | 'heartbeatTimeoutMs' | 'onFailure' | 'schedule' | 'onConflict'
> {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly outputDir?: string;
}

function defaultsOf(format: PlanFormat): Defaults {
  switch (format) {
    case 'conductor':
      return CONDUCTOR_DEFAULTS;
    case 'dispatch':
      return DISPATCH_DEFAULTS;
    case 'wave':
      return WAVE_DEFAULTS;
    case 'orchestrate':
      return ORCHESTRATE_DEFAULTS;
    case 'native':
      return NATIVE_DEFAULTS;
    default:
      return unreachable(format);
  }
}
