import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../../../bus-schema/diagnostic.js';
import { eventName } from '../../../bus-schema/event-name.js';
import { layout } from '../../../bus-schema/layout.js';
import { parseRepoPath, type RepoPath } from '../../../bus-schema/repo-path.js';
import { fail, ok, type Result } from '../../../bus-schema/result.js';
import { createFile } from '../../../bus-schema/store/write-file.js';

/** The attempt from whose command we were called. */
export interface OwnAttempt {
  readonly task: string;
  readonly run: string;
  readonly attempt: string;
  readonly token: string;
  readonly worker: string;
}

/** Only inside a task there is somebody who could hold a lock. */
export function ownAttempt(
  env: Readonly<Record<string, string | undefined>>,
): Result<OwnAttempt, Diagnostic> {
  const {
    SIGNALBOX_TASK_ID: task = '',
    SIGNALBOX_RUN_ID: run = '',
    SIGNALBOX_ATTEMPT_ID: attempt = '',
    SIGNALBOX_TOKEN: token = '',
    SIGNALBOX_WORKER_ID: worker = '',
  } = env;
  if ([task, run, attempt, token, worker].every(value => value !== ''))
    return ok({ task, run, attempt, token, worker });
  return fail({
    severity: 'error',
    file: 'lock',
    message: 'this does not run inside a task, and only a task can hold a lock',
    remedy: 'Call it from the command of a task, whose environment says which attempt it is',
  });
}

/** Paths as the repo knows them, from wherever in it they were given; or all that is wrong with them. */
export function pathsGiven(
  texts: readonly string[],
  repo: string,
  cwd: string,
): Result<RepoPath[], Diagnostic[]> {
  const root = realpathSync(repo);
  const paths: RepoPath[] = [];
  const problems: Diagnostic[] = [];
  for (const text of texts) {
    const inRepo = text.trim() === '' ? '' : relative(root, resolve(cwd, text)) || '**';
    const path = parseRepoPath(inRepo);
    if (path.ok) paths.push(path.value);
    else problems.push({ severity: 'error', file: text === '' ? 'lock' : text, message: path.error });
  }
  return problems.length > 0 ? fail(problems) : ok([...new Set(paths)]);
}

/** Drops an event of the attempt about locks; its path, by which it is seen when the daemon has dealt with it. */
export function dropAbout(
  bus: string,
  type: 'FILE_LOCK_REQUEST' | 'FILE_UNLOCK',
  own: OwnAttempt,
  payload: Readonly<Record<string, unknown>>,
): string {
  const id = randomUUID();
  const file = join(bus, layout.event(eventName(type, id)));
  const message = {
    id,
    type,
    source: own.worker,
    timestamp: new Date().toISOString(),
    payload: {
      run_id: own.run,
      task_id: own.task,
      attempt_id: own.attempt,
      worker_id: own.worker,
      token: own.token,
      ...payload,
    },
  };
  createFile(bus, file, `${JSON.stringify(message)}\n`, { durable: true });
  return file;
}
