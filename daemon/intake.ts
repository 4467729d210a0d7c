import type { AttemptId, RunId, TaskId } from '../bus-schema/ids.js';
import { unreachable } from '../bus-schema/result.js';
import type { DropBox, EventDrop } from './bus/drop-box.js';
import type { ViewFiles } from './bus/view-files.js';
import type { Loop } from './loop.js';
import { meaningOf } from './scheduler/attribution.js';
import type { Liveness } from './scheduler/liveness.js';
import type { Message } from './scheduler/message.js';
import type { Attempt, State } from './scheduler/state.js';

/** Turns event files into messages, and sees to it that each file ends where it belongs. */
export class Intake {
  readonly #drops: DropBox;
  readonly #loop: Loop;
  readonly #liveness: Liveness;
  readonly #views: ViewFiles;
  readonly #now: () => number;
  readonly #onLost: (attempt: Attempt, why: string) => void;
  /** Percentages that attempts have told of themselves; for the views alone. */
  readonly progress = new Map<AttemptId, number>();
  /** Requests leave their folder when what they asked for is durable, not before. */
  #after: (() => void)[] = [];

  constructor(parts: {
    drops: DropBox;
    loop: Loop;
    liveness: Liveness;
    views: ViewFiles;
    now: () => number;
    onLost: (attempt: Attempt, why: string) => void;
  }) {
    this.#drops = parts.drops;
    this.#loop = parts.loop;
    this.#liveness = parts.liveness;
    this.#views = parts.views;
    this.#now = parts.now;
    this.#onLost = parts.onLost;
  }

  /** Deals with the drops that have come. */
  take(): void {
    const drops = this.#drops.collect();
    if (drops.length === 0) return;
    this.#loop.post(...drops.map(drop => (state: State) => this.#interpret(state, drop)));
    this.#loop.turn();
    const after = this.#after;
    this.#after = [];
    for (const act of after) act();
  }

  /** Looks for drops that no hint told of, and deals with all there are. */
  sweep(): void {
    this.#drops.scan();
    this.take();
  }

  /**
   * An agent told its outcome and its command then ended otherwise, before the worker could know. Scripts that wait for
   * `TASK_FAILED_*` must not find one for a task that is complete.
   */
  #stowContradiction(drop: EventDrop, run: RunId): void {
    const last = this.#loop.state.runs.get(run)?.byId.get(drop.name.id as TaskId)?.last;
    if (drop.outcome === undefined || last === undefined || last.id !== drop.attempt) return;
    const told = drop.name.type === 'TASK_COMPLETE';
    if (told !== (last.outcome.kind === 'complete')) this.#drops.stowFile(drop.file, run);
  }

  /** A worker that could not end its command says so and gives up; the attempt stays open until nothing of it lives. */
  #unlessLost(state: State, message: Message): Message | undefined {
    if (message.type !== 'Exited' || message.outcome.kind !== 'lost') return message;
    const attempt = state.attempts.get(message.attempt);
    const why = message.outcome.message;
    if (attempt !== undefined) this.#after.push(() => this.#onLost(attempt, why));
    return undefined;
  }

  #interpret(state: State, drop: EventDrop): Message | undefined {
    const meaning = meaningOf(state, drop);
    switch (meaning.kind) {
      case 'message':
        this.#drops.keep(drop.file, meaning.run);
        this.#after.push(() => {
          this.#stowContradiction(drop, meaning.run);
        });
        return this.#unlessLost(state, meaning.message);
      case 'sign':
        this.#liveness.sign(meaning.attempt.id, this.#now());
        if (meaning.progress !== undefined) this.progress.set(meaning.attempt.id, meaning.progress);
        this.#views.touch();
        this.#after.push(() => {
          this.#drops.consume(drop.file);
        });
        return undefined;
      case 'request':
        this.#after.push(() => {
          this.#drops.consume(drop.file);
        });
        return meaning.message;
      case 'known':
        this.#drops.keep(drop.file, meaning.run);
        return undefined;
      case 'passed-over':
        this.#drops.keep(drop.file, undefined);
        return undefined;
      case 'stray':
        this.#after.push(() => {
          this.#drops.reject(drop.file, meaning.why);
        });
        return undefined;
      default:
        return unreachable(meaning);
    }
  }
}
