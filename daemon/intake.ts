import type { AttemptId, RunId, TaskId } from '../bus-schema/ids.js';
import { unreachable } from '../bus-schema/result.js';
import type { DropSource, EventDrop } from './bus/drop-source.js';
import type { ViewFiles } from './bus/view-files.js';
import type { Loop } from './loop.js';
import { meaningOf } from './scheduler/attribution.js';
import type { Liveness } from './scheduler/liveness.js';
import type { Message } from './scheduler/message.js';
import type { Attempt, State } from './scheduler/state.js';

/** Turns drops into messages, and sees to it that each file ends where it belongs. */
export class Intake {
  readonly #sources: readonly DropSource[];
  readonly #loop: Loop;
  readonly #liveness: Liveness;
  readonly #views: Pick<ViewFiles, 'touch' | 'look'>;
  readonly #now: () => number;
  readonly #onLost: (attempt: Attempt, why: string) => void;
  readonly #taskOf: (worker: string) => string | undefined;
  /** Percentages that attempts have told of themselves; for the views alone. */
  readonly progress = new Map<AttemptId, number>();
  /** Requests leave their folder when what they asked for is durable, not before. */
  #after: (() => void)[] = [];

  constructor(parts: {
    sources: readonly DropSource[];
    loop: Loop;
    liveness: Liveness;
    views: Pick<ViewFiles, 'touch' | 'look'>;
    now: () => number;
    onLost: (attempt: Attempt, why: string) => void;
    /** The task that a worker of another system says elsewhere that it does. */
    taskOf?: (worker: string) => string | undefined;
  }) {
    this.#sources = parts.sources;
    this.#loop = parts.loop;
    this.#liveness = parts.liveness;
    this.#views = parts.views;
    this.#now = parts.now;
    this.#onLost = parts.onLost;
    this.#taskOf = parts.taskOf ?? (() => undefined);
  }

  /** Deals with the drops that have come. */
  take(): void {
    // What others have locked by now, no task that starts next may be given.
    this.#views.look();
    let came = false;
    for (const source of this.#sources) {
      for (const drop of source.collect()) {
        this.#loop.post(state => this.#interpret(state, drop, source));
        came = true;
      }
    }
    if (!came) return;
    this.#loop.turn();
    const after = this.#after;
    this.#after = [];
    for (const act of after) act();
  }

  /** Looks for drops that no hint told of, and deals with all there are. */
  sweep(): void {
    for (const source of this.#sources) source.scan();
    this.take();
  }

  /**
   * An agent told its outcome and its command then ended otherwise, before the worker could know. Scripts that wait for
   * `TASK_FAILED_*` must not find one for a task that is complete.
   */
  #stowContradiction(drop: EventDrop, run: RunId, source: DropSource): void {
    const last = this.#loop.state.runs.get(run)?.byId.get(drop.name.id as TaskId)?.last;
    if (drop.outcome === undefined || last === undefined || last.id !== drop.attempt) return;
    const told = drop.name.type === 'TASK_COMPLETE';
    if (told !== (last.outcome.kind === 'complete')) source.stowFile(drop.file, run);
  }

  /** A worker that could not end its command says so and gives up; the attempt stays open until nothing of it lives. */
  #unlessLost(state: State, message: Message): Message | undefined {
    if (message.type !== 'Exited' || message.outcome.kind !== 'lost') return message;
    const attempt = state.attempts.get(message.attempt);
    const why = message.outcome.message;
    if (attempt !== undefined) this.#after.push(() => this.#onLost(attempt, why));
    return undefined;
  }

  #named(drop: EventDrop): EventDrop {
    const { worker } = drop;
    const task = drop.task ?? (worker === undefined ? undefined : this.#taskOf(worker));
    return task === undefined ? drop : { ...drop, task };
  }

  #interpret(state: State, drop: EventDrop, source: DropSource): Message | undefined {
    const meaning = meaningOf(state, this.#named(drop));
    switch (meaning.kind) {
      case 'message':
        source.keep(drop.file, meaning.run);
        this.#after.push(() => {
          this.#stowContradiction(drop, meaning.run, source);
        });
        return this.#unlessLost(state, meaning.message);
      case 'sign':
        this.#liveness.sign(meaning.attempt.id, this.#now());
        if (meaning.progress !== undefined) this.progress.set(meaning.attempt.id, meaning.progress);
        this.#views.touch();
        this.#after.push(() => {
          source.consume(drop.file);
        });
        return undefined;
      case 'request':
        this.#after.push(() => {
          source.consume(drop.file);
        });
        return meaning.message;
      case 'known':
        source.keep(drop.file, meaning.run);
        return undefined;
      case 'passed-over':
        source.keep(drop.file, undefined);
        return undefined;
      case 'stray':
        this.#after.push(() => {
          source.reject(drop.file, meaning.why);
        });
        return undefined;
      default:
        return unreachable(meaning);
    }
  }
}
