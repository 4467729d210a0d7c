import { dirname, join } from 'node:path';
import { setInMetadata } from './metadata.js';
import { rewriteText } from './text-file.js';

/** Pause before a plan's boxes are ticked, so that tasks which end together cost one rewrite. */
const TICK_PAUSE_MS = 250;

/** How a run went, in the words of the source system: a worker is an attempt when it is spawned, and a task when it ends. */
export interface WorkerCounts {
  readonly spawned: number;
  readonly completed: number;
  readonly failed: number;
}

/** The files of a conductor track that its run keeps up to date: the boxes of `plan.md`, the state in `metadata.json`. */
export class TrackFiles {
  readonly #onProblem: (file: string, why: string) => void;
  readonly #due = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onProblem: (file: string, why: string) => void) {
    this.#onProblem = onProblem;
  }

  /** Rewrites the plan soon; a later change takes the place of one that has not been made yet. */
  rewritePlan(plan: string, change: (text: string) => string): void {
    this.#due.set(plan, () => {
      this.#attempt(plan, () => {
        rewriteText(plan, change);
      });
    });
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, TICK_PAUSE_MS);
  }

  /** Makes the changes that are due. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const change of due) change();
  }

  /** What the source system expects after all parallel groups have ended: what came of them, and evaluation as the next step. */
  nextStep(plan: string, counts: WorkerCounts): void {
    const file = join(dirname(plan), 'metadata.json');
    this.#attempt(file, () => {
      rewriteText(file, text => {
        const stepped = setInMetadata(text, [
          [['loop_state', 'current_step'], 'EVALUATE_EXECUTION'],
          [['loop_state', 'step_status'], 'NOT_STARTED'],
        ]);
        // By themselves: where the counts have no place, the next step is said all the same.
        const counted = stepped.problem === undefined ? setCounts(stepped.text, counts) : stepped;
        if (counted.problem !== undefined) this.#onProblem(file, counted.problem);
        return counted.text;
      });
    });
  }

  /** These files are the user's; that one cannot be written is worth a word, not the end of a run. */
  #attempt(file: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#onProblem(file, error instanceof Error ? error.message : String(error));
    }
  }
}

/** Key by key: what else stands there is its author's. */
function setCounts(
  text: string,
  { spawned, completed, failed }: WorkerCounts,
): ReturnType<typeof setInMetadata> {
  const at = (key: string): readonly string[] => ['loop_state', 'parallel_state', key];
  return setInMetadata(text, [
    [at('total_workers_spawned'), spawned],
    [at('completed_workers'), completed],
    [at('failed_workers'), failed],
  ]);
}
