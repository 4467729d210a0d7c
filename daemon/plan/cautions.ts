import type { RunOptions } from '../../bus-schema/command.js';
import type { Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, Plan } from '../../bus-schema/plan.js';
import { askedParallel } from './resolve.js';
import { MOST_WORKERS } from './tasks-file.js';

/** What whoever starts a plan may want to know of how it was resolved: it runs, but not as they may think. */
export function cautionsOf(asked: AskedPlan, plan: Plan, options: RunOptions, config: Config): Diagnostic[] {
  if (plan.format !== 'orchestrate') return [];
  const file = plan.source ?? '-';
  const cautions: Diagnostic[] = [];
  const parallel = askedParallel(asked, options, config);
  if (parallel !== undefined && parallel > MOST_WORKERS) {
    const flag = options.maxParallel !== undefined;
    cautions.push({
      severity: 'warning',
      file: flag ? '--max-parallel' : file,
      message: `${flag ? '' : 'parallelism.maxParallelTasks in the config is '}${parallel}${flag ? ' workers are asked for' : ''}, but a tasks file has ${MOST_WORKERS} at most, and runs with these`,
    });
  }
  const isDefault = options.timeoutMs === undefined && config.timeout === undefined;
  const short = plan.tasks.find(({ done, work }) => !done && work.kind === 'agent');
  if (isDefault && short !== undefined) {
    cautions.push({
      severity: 'warning',
      file,
      message: `each task has ${short.timeoutMs / 1000} s, which is too short for most agents`,
      remedy: 'Give --timeout 30m, or set timeout in the config',
    });
  }
  return cautions;
}
