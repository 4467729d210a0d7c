import type { Message } from '../../bus-schema/message.js';
import { MOST_LISTED } from '../projections/orchestration-block.js';
import type { OrchestrationStory, ProgressLine } from '../projections/orchestration-story.js';
import { LiveScreen, type Style } from './live-screen.js';

/** After so many lines, or so long, the whole status is shown again. */
const REFRESH_LINES = 10;
const REFRESH_MS = 30_000;
/** Drawing the status of a very long plan takes time: at most this share of ours. */
const LARGEST_SHARE = 1 / 20;
const SOON_MS = 5;
/** A second hand for what nobody tells: long waits, and the time for the status. */
const LOOK_MS = 1000;
/** Lines of the status that are no tasks, and some room for what has happened. */
const OTHER_ROWS = 14;

const STYLES: Readonly<Record<ProgressLine['kind'], Style>> = {
  start: 'cyan',
  complete: 'green',
  failed: 'red',
  skipped: 'yellow',
  waits: 'dim',
  note: 'yellow',
  group: 'bold',
};

/** What a user sees of a tasks file's run while it goes on, on standard error. */
export interface OrchestrationView {
  hear(message: Message): void;
  close(): void;
}

/** For pipes and logs: a line for everything that happens, and now and then the whole status. */
export class PlainOrchestration implements OrchestrationView {
  readonly #story: OrchestrationStory;
  readonly #stream: NodeJS.WritableStream;
  readonly #timer: NodeJS.Timeout;
  #lines = 0;
  #shownAt = Date.now();
  #restUntil = 0;

  constructor(story: OrchestrationStory, stream: NodeJS.WritableStream) {
    this.#story = story;
    this.#stream = stream;
    this.#timer = setInterval(() => {
      this.#tell(story.lastingWaits(Date.now()));
    }, LOOK_MS);
  }

  hear(message: Message): void {
    this.#tell(this.#story.hear(message));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tell(lines: readonly ProgressLine[]): void {
    for (const { text } of lines) this.#stream.write(`${text}\n`);
    this.#lines += lines.length;
    // At the end comes the summary.
    if (this.#story.verdict === undefined && this.#isDue()) this.#showStatus();
  }

  #isDue(): boolean {
    const long = Date.now() - this.#shownAt >= REFRESH_MS;
    return long || (this.#lines >= REFRESH_LINES && performance.now() >= this.#restUntil);
  }

  #showStatus(): void {
    const began = performance.now();
    const now = Date.now();
    this.#stream.write(this.#story.status(now));
    this.#lines = 0;
    this.#shownAt = now;
    const took = performance.now() - began;
    this.#restUntil = performance.now() + (took < SOON_MS ? 0 : took / LARGEST_SHARE);
  }
}

/** For a terminal: the same lines, and below them the status as it is now. */
export class LiveOrchestration implements OrchestrationView {
  readonly #story: OrchestrationStory;
  readonly #screen: LiveScreen;

  private constructor(story: OrchestrationStory, screen: LiveScreen, stream: NodeJS.WriteStream) {
    this.#story = story;
    this.#screen = screen;
    screen.show(() => {
      const now = Date.now();
      this.#tell(story.lastingWaits(now));
      const rows = Math.min(MOST_LISTED, Math.max(1, stream.rows - OTHER_ROWS));
      return story.status(now, rows).trimEnd().split('\n').map(this.#painted.bind(this)).join('\n');
    });
  }

  static async open(story: OrchestrationStory, stream: NodeJS.WriteStream): Promise<LiveOrchestration> {
    return new LiveOrchestration(story, await LiveScreen.open(stream), stream);
  }

  hear(message: Message): void {
    this.#tell(this.#story.hear(message));
    this.#screen.drawSoon();
  }

  close(): void {
    this.#screen.close();
  }

  #tell(lines: readonly ProgressLine[]): void {
    for (const { kind, text } of lines) this.#screen.persist(this.#screen.paint(STYLES[kind], text));
  }

  #painted(row: string): string {
    if (row.startsWith('✓')) return this.#screen.paint('green', row);
    if (row.startsWith('✗')) return this.#screen.paint('red', row);
    return /^[═⏳–…]/u.test(row) ? this.#screen.paint('dim', row) : row;
  }
}
