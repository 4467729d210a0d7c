import type { Message } from '../../../bus-schema/message.js';
import { FEED_SOURCE } from '../../projections/feed.js';

/** Who has a path that was asked for. */
export interface Blocked {
  readonly holder: string;
  readonly path: string;
}

/** What the feed says of a request for locks. */
export class LockAnswers {
  readonly #attempt: string;
  readonly #paths: ReadonlySet<string>;
  /** Paths that have not been given yet. */
  readonly missing: Set<string>;
  blocked: Blocked | undefined;
  /** Some of the paths are not waited for any more, by our own wish or by that of another command of the same task. */
  withdrawn = false;
  ended = false;

  constructor(attempt: string, paths: readonly string[]) {
    this.#attempt = attempt;
    this.#paths = new Set(paths);
    this.missing = new Set(paths);
  }

  get granted(): boolean {
    return this.missing.size === 0;
  }

  get answered(): boolean {
    return this.granted || this.blocked !== undefined;
  }

  /** What was withdrawn before is of no concern any more. */
  askAnew(): void {
    this.withdrawn = false;
  }

  hear({ type, source, payload }: Message): void {
    if (source !== FEED_SOURCE || payload.attempt_id !== this.#attempt) return;
    switch (type) {
      case 'FILE_LOCK':
        this.missing.delete(text(payload.filepath));
        return;
      case 'BLOCKED': {
        const path = text(payload.resource);
        if (!this.#paths.has(path)) return;
        this.withdrawn = false;
        this.blocked = { holder: text(payload.holder_task) || text(payload.waiting_for), path };
        return;
      }
      case 'FILE_UNLOCK':
        if (payload.withdrawn === true && this.missing.has(text(payload.filepath))) this.withdrawn = true;
        return;
      case 'TASK_COMPLETE':
      case 'TASK_FAILED':
      case 'TASK_RETRY':
        this.ended = true;
        return;
      default:
        return;
    }
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
