import { parseEventName } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';

/**
 * The event files that have had their effect, or have none, and stay for their readers; each with the run it belongs to, if
 * any. Those of one run or one task are found without a look at all others.
 */
export class SettledEvents {
  readonly #owners = new Map<string, RunId | undefined>();
  readonly #ofRun = new Map<RunId, Set<string>>();
  /** By what a new attempt makes untrue: a task's outcomes by the id in their name, the ends of runs by none. */
  readonly #outcomes = new Map<string, Set<string>>();

  has(file: string): boolean {
    return this.#owners.has(file);
  }

  add(file: string, run: RunId | undefined): void {
    this.delete(file);
    this.#owners.set(file, run);
    if (run === undefined) return;
    put(this.#ofRun, run, file);
    const undone = undoneWith(file);
    if (undone !== undefined) put(this.#outcomes, undone, file);
  }

  delete(file: string): void {
    const run = this.#owners.get(file);
    this.#owners.delete(file);
    if (run === undefined) return;
    take(this.#ofRun, run, file);
    const undone = undoneWith(file);
    if (undone !== undefined) take(this.#outcomes, undone, file);
  }

  ofRun(run: RunId): string[] {
    return [...(this.#ofRun.get(run) ?? [])];
  }

  /** The task's outcomes, and the run's: a run that goes on after its end has not ended. */
  undoneBy(run: RunId, task: string): string[] {
    return ['', task, `task-${task}`].flatMap(key =>
      [...(this.#outcomes.get(key) ?? [])].filter(file => this.#owners.get(file) === run),
    );
  }
}

function undoneWith(file: string): string | undefined {
  const name = parseEventName(file);
  if (name?.type === 'PARALLEL_COMPLETE') return '';
  return name?.type === 'TASK_COMPLETE' || name?.type === 'TASK_FAILED' ? name.id : undefined;
}

function put<K>(files: Map<K, Set<string>>, key: K, file: string): void {
  const known = files.get(key);
  if (known === undefined) files.set(key, new Set([file]));
  else known.add(file);
}

function take<K>(files: Map<K, Set<string>>, key: K, file: string): void {
  const known = files.get(key);
  known?.delete(file);
  if (known?.size === 0) files.delete(key);
}
