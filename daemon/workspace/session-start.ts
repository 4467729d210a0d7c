import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readNamedFile } from '../../bus-schema/store/read-file.js';
import { replaceWithin } from '../../bus-schema/store/write-file.js';
import { OWN_MARK, workspaceLayout } from '../../bus-schema/workspace.js';
import { clearWorkspace, ensureWorkspace, unlinkIfThere } from './session-folder.js';

/** Files of agents are not larger; one that is, is not ours. */
const LARGEST_BYTES = 16 * 1024 ** 2;

export type Preparer = 'scout' | 'task-manager';

/** What one of the two that prepare a run has done. */
export interface Prepared {
  readonly status: 'completed' | 'failed';
  readonly summary: string;
  readonly errors?: readonly string[];
}

/**
 * A session folder before its run begins. What an earlier session said is gone; what an agent has found out or decided
 * stays, since it is what the next run is to go by.
 */
export class SessionStart {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  begin(): void {
    ensureWorkspace(this.#folder);
    clearWorkspace(this.#folder, { workersOnly: false, before: Infinity });
    unlinkIfThere(join(this.#folder, workspaceLayout.progress));
  }

  ask(who: Preparer, more: object = {}): void {
    this.#put(workspaceLayout.inbox(who), { session_folder: this.#folder, ...more });
  }

  answer(who: Preparer, { status, summary, errors }: Prepared): void {
    const file =
      who === 'scout'
        ? { context_file: workspaceLayout.context }
        : { execution_plan: workspaceLayout.executionPlan };
    this.#put(workspaceLayout.outbox(who), {
      status,
      ...file,
      summary,
      ...(errors === undefined ? {} : { errors }),
    });
  }

  /** Whether somebody else's file of that name stands there: then ours does not take its place. */
  isForeign(name: typeof workspaceLayout.context | typeof workspaceLayout.executionPlan): boolean {
    const path = join(this.#folder, name);
    return existsSync(path) && !isOurs(path);
  }

  putOwn(name: typeof workspaceLayout.context | typeof workspaceLayout.executionPlan, content: object): void {
    this.#put(name, { ...OWN_MARK, ...content });
  }

  #put(name: string, content: object): void {
    replaceWithin(this.#folder, name, `${JSON.stringify(content, null, 2)}\n`);
  }
}

function isOurs(path: string): boolean {
  const read = readNamedFile(path, LARGEST_BYTES);
  if (!read.ok) return false;
  try {
    const value: unknown = JSON.parse(read.value.text);
    return (
      typeof value === 'object' &&
      value !== null &&
      'generated_by' in value &&
      value.generated_by === OWN_MARK.generated_by
    );
  } catch {
    return false;
  }
}
