import { formatDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import type { RunStory, StoryLine } from '../projections/run-story.js';
import { LiveScreen, type Style } from './live-screen.js';

/** What a user sees of a run while it goes on, on standard error. */
export interface RunView {
  line(line: StoryLine): void;
  note(text: string): void;
  /** Takes the moving part off the screen. */
  close(): void;
}

const LOOKS: Readonly<
  Record<StoryLine['kind'], { readonly mark: string; readonly word: string; readonly style: Style }>
> = {
  start: { mark: '▸', word: 'start', style: 'dim' },
  complete: { mark: '✓', word: 'complete', style: 'green' },
  failed: { mark: '✗', word: 'failed', style: 'red' },
  retry: { mark: '↻', word: 'retry', style: 'yellow' },
  skipped: { mark: '–', word: 'skipped', style: 'yellow' },
  waits: { mark: '…', word: 'waits', style: 'dim' },
  locks: { mark: '▪', word: 'locks', style: 'dim' },
  frees: { mark: '▫', word: 'frees', style: 'dim' },
  note: { mark: '!', word: 'note', style: 'yellow' },
};

/** What is soon over is not kept on a terminal's screen. */
const PASSING: ReadonlySet<StoryLine['kind']> = new Set(['start', 'waits', 'locks', 'frees'] as const);

/** One line, the same for a terminal and a pipe but for mark and colour. */
function describe({ task, title, text, durationMs }: StoryLine): string {
  const name = title === task ? '' : printable(title, 70);
  const time = durationMs === undefined ? '' : formatDuration(durationMs);
  return [task, name, time, printable(text)].filter(part => part !== '').join('  ');
}

/** For pipes and logs: a line for everything that happens, nothing that moves. */
export class PlainView implements RunView {
  readonly #stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  line(line: StoryLine): void {
    this.#stream.write(`${LOOKS[line.kind].word.padEnd(9)} ${describe(line)}\n`);
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {
    // Nothing stands on the screen that would have to go.
  }
}

/** For a terminal: a line for each task that ends, and below them what runs now. */
export class LiveView implements RunView {
  readonly #story: RunStory;
  readonly #screen: LiveScreen;
  readonly #startedAt = Date.now();

  private constructor(story: RunStory, screen: LiveScreen) {
    this.#story = story;
    this.#screen = screen;
    screen.show(() => this.#frame());
  }

  static async open(story: RunStory, stream: NodeJS.WriteStream): Promise<LiveView> {
    return new LiveView(story, await LiveScreen.open(stream));
  }

  line(line: StoryLine): void {
    const { mark, style } = LOOKS[line.kind];
    if (!PASSING.has(line.kind)) this.#screen.persist(`${this.#screen.paint(style, mark)} ${describe(line)}`);
    this.#screen.drawSoon();
  }

  note(text: string): void {
    this.#screen.persist(text);
  }

  close(): void {
    this.#screen.close();
  }

  #frame(): string {
    const { running, complete, before, failed, skipped, left, total } = this.#story;
    const paint = this.#screen.paint.bind(this.#screen);
    const lines = [...running.values()].map(
      ({ task, title, worker, since }) =>
        `${paint('cyan', '▸')} ${task}  ${printable(title, 60)}  ${paint('dim', `${worker}  ${formatDuration(Math.max(0, Date.now() - since))}`)}`,
    );
    const done = `${complete + before}/${total} done, ${failed} failed, ${skipped} skipped, ${left} left`;
    return [...lines, paint('bold', `${done}  ${formatDuration(Date.now() - this.#startedAt)}`)].join('\n');
  }
}
