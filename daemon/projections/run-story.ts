import type { Message } from '../../bus-schema/message.js';

/** A task that runs now, as far as the feed tells. */
export interface RunningTask {
  readonly task: string;
  readonly title: string;
  readonly worker: string;
  /** Epoch milliseconds, from the message's own timestamp. */
  readonly since: number;
}

/** One thing worth a line, as data; how it looks is the screen's concern. */
export interface StoryLine {
  readonly kind: 'start' | 'complete' | 'failed' | 'retry' | 'skipped' | 'waits' | 'note';
  readonly task: string;
  readonly title: string;
  readonly text: string;
  readonly durationMs?: number;
}

/** A run, told by the feed: what runs, how many are done, and each line as it happens. Knows nothing that the feed does not say. */
export class RunStory {
  readonly run: string;
  readonly running = new Map<string, RunningTask>();
  readonly #titles = new Map<string, string>();
  total = 0;
  before = 0;
  complete = 0;
  failed = 0;
  skipped = 0;
  verdict: string | undefined;

  constructor(run: string) {
    this.run = run;
  }

  get left(): number {
    return Math.max(
      0,
      this.total - this.before - this.complete - this.failed - this.skipped - this.running.size,
    );
  }

  /** Takes a message of the feed; the line it is worth, if it is one of this run. */
  hear({ type, payload, timestamp }: Message): StoryLine | undefined {
    if (type === 'WORKER_REPLACED')
      return {
        ...this.#about(payload),
        kind: 'note',
        text: `${text(payload.worker_id)} replaced: ${text(payload.reason)}`,
      };
    if (payload.run_id !== this.run) return undefined;
    switch (type) {
      case 'RUN_SUBMITTED':
        this.total = count(payload.total);
        this.before = count(payload.done_before);
        return undefined;
      case 'WORKER_DISPATCHED':
        return this.#dispatched(payload, timestamp);
      case 'TASK_COMPLETE':
        this.complete++;
        return this.#ended('complete', payload, text(payload.warning));
      case 'TASK_FAILED':
        this.failed++;
        return this.#ended('failed', payload, text(payload.error));
      case 'TASK_SKIPPED':
        this.skipped++;
        return this.#ended('skipped', payload, `because of ${text(payload.blocked_by)}`);
      case 'TASK_RETRY':
        return this.#retried(payload);
      case 'BLOCKED':
        return {
          ...this.#about(payload),
          kind: 'waits',
          text: `for ${text(payload.resource)}, held by ${text(payload.waiting_for)}`,
        };
      case 'WORKER_STALLED':
        return { ...this.#about(payload), kind: 'note', text: 'shows no sign of progress and is ended' };
      case 'RUN_COMPLETE':
        this.verdict = text(payload.verdict);
        return undefined;
      default:
        return undefined;
    }
  }

  #dispatched(payload: Message['payload'], timestamp: string): StoryLine {
    const task = text(payload.task_id);
    const title = text(payload.title);
    const worker = text(payload.worker_id);
    this.#titles.set(task, title);
    this.running.set(text(payload.attempt_id), { task, title, worker, since: Date.parse(timestamp) });
    const number = count(payload.attempt);
    return { kind: 'start', task, title, text: number > 1 ? `${worker}, attempt ${number}` : worker };
  }

  /** By itself after a pause; or, with `revives`, an operator took back that it had failed. */
  #retried(payload: Message['payload']): StoryLine {
    const { revives } = payload;
    if (!Array.isArray(revives)) {
      const pause = (count(payload.delay_ms) / 1000).toFixed(1);
      return this.#ended('retry', payload, `again in ${pause}s: ${text(payload.error)}`);
    }
    this.failed--;
    this.skipped -= revives.length;
    this.verdict = undefined;
    return this.#ended('retry', payload, 'again, as an operator asked');
  }

  #ended(kind: StoryLine['kind'], payload: Message['payload'], words: string): StoryLine {
    this.running.delete(text(payload.attempt_id));
    const duration = payload.duration_ms;
    return {
      ...this.#about(payload),
      kind,
      text: words,
      ...(typeof duration === 'number' ? { durationMs: duration } : {}),
    };
  }

  #about(payload: Message['payload']): { task: string; title: string } {
    const task = text(payload.task_id);
    return { task, title: this.#titles.get(task) ?? '' };
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
