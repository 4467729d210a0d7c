import type { StartOrder } from '../../bus-schema/assignment.js';
import type { Attempt } from '../ports.js';

/** What the config says about how commands are ended and their output is kept. */
export interface CommandLimits {
  readonly settleGraceMs: number;
  readonly killGraceMs: number;
  readonly logCapBytes: number;
}

export function startOrder(attempt: Attempt, cwd: string, limits: CommandLimits): StartOrder {
  const { run, task } = attempt.node;
  return {
    do: 'start',
    run: run.id,
    task: task.id,
    attempt: attempt.id,
    number: attempt.number,
    token: attempt.token,
    // A prompt that goes by standard input is read from its file; the order stays small.
    work: task.work.kind === 'agent' ? { ...task.work, prompt: '' } : task.work,
    cwd,
    files: task.files,
    env: task.env,
    timeoutMs: task.timeoutMs,
    ...limits,
    ...(task.output === undefined ? {} : { output: task.output }),
    ...(task.accept === undefined ? {} : { accept: task.accept }),
  };
}
