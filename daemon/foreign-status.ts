import type { AttemptId } from '../bus-schema/ids.js';
import { readStatusEdit } from './bus/status-edit.js';
import type { Liveness } from './scheduler/liveness.js';
import { openAttemptOf } from './scheduler/lookup.js';
import type { State } from './scheduler/state.js';

/** Entries that are kept, at most. */
const MOST_KEPT = 1000;

/**
 * What workers of the source system write about themselves into `worker-status.json`: they read it, change their entry and
 * write all of it back. A changed entry is a sign that its task gets on; it stays in the view as long as anything runs.
 */
export class ForeignStatus {
  /** Where the state of the moment is. */
  readonly #loop: { readonly state: State };
  readonly #liveness: Liveness;
  readonly #now: () => number;
  readonly #progress: Map<AttemptId, number>;
  readonly #texts = new Map<string, string>();
  /** Entries under names that are not our workers'. */
  readonly entries = new Map<string, Readonly<Record<string, unknown>>>();

  constructor(parts: {
    loop: { readonly state: State };
    liveness: Liveness;
    now: () => number;
    progress: Map<AttemptId, number>;
  }) {
    this.#loop = parts.loop;
    this.#liveness = parts.liveness;
    this.#now = parts.now;
    this.#progress = parts.progress;
  }

  /** Takes in the view as another program has left it. */
  hear(text: string): void {
    for (const { worker, task, progress, text: said, raw } of readStatusEdit(text)) {
      if (this.#texts.get(worker) === said) continue;
      const attempt = openAttemptOf(this.#loop.state, task);
      if (attempt === undefined || this.#texts.size >= MOST_KEPT) continue;
      this.#texts.set(worker, said);
      const known = this.#progress.get(attempt.id) ?? 0;
      // Under a worker's name of ours stands what we wrote, perhaps in an older copy: only more progress is news there.
      if (isOurName(worker) && (progress ?? 0) <= known) continue;
      this.#liveness.sign(attempt.id, this.#now());
      if (progress !== undefined) this.#progress.set(attempt.id, progress);
      if (!isOurName(worker)) this.entries.set(worker, raw);
    }
  }

  /** The task that a worker says it does, if it says so. */
  taskOf(worker: string): string | undefined {
    const task = this.entries.get(worker)?.task_id;
    return typeof task === 'string' ? task : undefined;
  }

  /** The names under which the agents of open attempts go. */
  get names(): Map<AttemptId, string> {
    const names = new Map<AttemptId, string>();
    for (const worker of this.entries.keys()) {
      const attempt = openAttemptOf(this.#loop.state, this.taskOf(worker) ?? '');
      if (attempt !== undefined) names.set(attempt.id, worker);
    }
    return names;
  }

  /** When nothing runs any more, what was said is of no use to anyone. */
  forgetAtRest(): void {
    if (this.#loop.state.active.size > 0) return;
    this.#texts.clear();
    this.entries.clear();
  }
}

/** Names that only the daemon gives. */
export function isOurName(worker: string): boolean {
  return /^worker-\d+$/.test(worker);
}
