import type { Message } from '../../bus-schema/message.js';
import { count, text } from './payload.js';

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
  readonly kind: 'start' | 'complete' | 'failed' | 'retry' | 'skipped' | 'waits' | 'locks' | 'frees' | 'note';
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
      case 'PROGRESS':
        return this.#goesOn(payload);
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
        return this.#aboutLocks(type, payload);
    }
  }

  /** Of files that a task asked for while it runs. */
  #aboutLocks(type: string, payload: Message['payload']): StoryLine | undefined {
    switch (type) {
      case 'FILE_LOCK':
        return { ...this.#about(payload), kind: 'locks', text: text(payload.filepath) };
      case 'FILE_UNLOCK': {
        const how = payload.withdrawn === true ? ', for which it had waited' : '';
        return { ...this.#about(payload), kind: 'frees', text: text(payload.filepath) + how };
      }
      case 'DEADLOCK_RESOLVED': {
        const { cycle } = payload;
        const circle = Array.isArray(cycle) ? cycle.map(text).join(', ') : '';
        const words = `gives way: ${circle} waited for each other's files`;
        return { ...this.#about(payload), kind: 'note', text: words };
      }
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
    return {
      kind: 'start',
      task,
      title,
      text: [worker, what(payload)].filter(part => part !== '').join(', '),
    };
  }

  /** The attempt has ended and its task has not: a review follows, or what one found is mended. */
  #goesOn(payload: Message['payload']): StoryLine | undefined {
    if (payload.stage === undefined) return undefined;
    return this.#ended('note', payload, `goes on: ${text(payload.current_subtask)}`);
  }

  /** By itself after a pause; or, with `revives`, an operator took back that it had failed. */
  #retried(payload: Message['payload']): StoryLine {
    const { revives } = payload;
    if (!Array.isArray(revives)) {
      if (payload.deferred === true)
        return this.#ended('retry', payload, `again after the others: ${text(payload.error)}`);
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

/** What of its task an attempt does; the first attempt at the work itself needs no word. */
function what({ stage, attempt }: Message['payload']): string {
  if (stage === 'review' || stage === 'fix') return stage;
  return count(attempt) > 1 ? `attempt ${count(attempt)}` : '';
}
