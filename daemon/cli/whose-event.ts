import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { EventType } from '../../bus-schema/event-name.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';

/** Whom an event speaks of. */
export interface Whose {
  /** What the event's file is named by: a worker for a heartbeat, else a task. */
  readonly id: string;
  readonly task?: string;
  readonly run?: string;
  readonly attempt?: string;
  readonly token?: string;
  readonly worker?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Names {
  readonly task?: string;
  readonly run?: string;
  readonly worker?: string;
}

/** The rule of ids, written out: their schema would take longer to load than all the rest. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Inside an attempt it is known who speaks; its token goes along only if it speaks of itself, since another task's event
 * with it would be refused.
 */
export function whoseEvent(type: EventType, flags: Names, env: Environment): Result<Whose, Diagnostic> {
  const own = { task: env.SIGNALBOX_TASK_ID, worker: env.SIGNALBOX_WORKER_ID, run: env.SIGNALBOX_RUN_ID };
  const named = type === 'HEARTBEAT' ? flags.worker : flags.task;
  const id = named ?? (type === 'HEARTBEAT' ? own.worker : own.task);
  if (id === undefined || id === '') return fail(nobody(type));
  if (!ID.test(id)) return fail(noId(type === 'HEARTBEAT' ? 'worker' : 'task', id));
  for (const [flag, value] of Object.entries(flags)) {
    if (['task', 'run', 'worker'].includes(flag) && typeof value === 'string' && !ID.test(value))
      return fail(noId(flag, value));
  }
  const ofItself =
    (flags.task === undefined || flags.task === own.task) &&
    (flags.worker === undefined || flags.worker === own.worker) &&
    (flags.run === undefined || flags.run === own.run);
  if (!ofItself) {
    const { task, run, worker } = flags;
    return ok({ id, ...present({ task, run, worker }) });
  }
  const { SIGNALBOX_ATTEMPT_ID: attempt, SIGNALBOX_TOKEN: token } = env;
  return ok({ id, ...present({ ...own, attempt, token }) });
}

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, value] as const],
    ),
  );
}

function nobody(type: EventType): Diagnostic {
  return type === 'HEARTBEAT'
    ? {
        severity: 'error',
        file: '--worker',
        message: 'this does not run inside a task, so it is not known whose heartbeat it is',
        remedy: 'Name the worker, such as --worker worker-1',
      }
    : {
        severity: 'error',
        file: '--task',
        message: 'this does not run inside a task, so it is not known which task is meant',
        remedy: 'Name it, such as --task 1.2',
      };
}

function noId(flag: string, value: string): Diagnostic {
  return {
    severity: 'error',
    file: `--${flag}`,
    message: `"${value}" is no id`,
    remedy: 'An id is 1 to 100 letters, digits, ".", "_" or "-", beginning with a letter or digit',
  };
}
