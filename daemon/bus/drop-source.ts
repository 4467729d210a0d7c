import type { EventName } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';
import type { DropBody } from './drop-body.js';

/** Something that was told from outside, read and understood as far as it can be without knowing the runs. */
export interface EventDrop extends DropBody {
  /** The event file, or the feed for a line of it. */
  readonly file: string;
  readonly name: EventName;
  readonly inode: number;
  readonly mtimeMs: number;
  /** A line of the feed: it stays, whatever it means. */
  readonly isLine?: true;
}

/** Where drops come from, and what becomes of them once it is known what they mean. */
export interface DropSource {
  /** Looks for what no hint told of. */
  scan(): void;
  /** The drops that have come. */
  collect(): EventDrop[];
  /** It has had its effect, or has none: it stays where its readers look for it. */
  keep(file: string, run: RunId | undefined): void;
  /** A request or a sign of life: its name must be free for the next. */
  consume(file: string): void;
  reject(file: string, why: string): void;
  /** It contradicts what counts, and goes where the run's old events go. */
  stowFile(file: string, run: RunId): void;
}
