import { styleText } from 'node:util';
import { formatDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import type { RunStory, StoryLine } from '../projections/run-story.js';

/** What a user sees of a run while it goes on, on standard error. */
export interface RunView {
  line(line: StoryLine): void;
  note(text: string): void;
  /** Takes the moving part off the screen. */
  close(): void;
}

type Style = Parameters<typeof styleText>[0];

const LOOKS: Readonly<
  Record<StoryLine['kind'], { readonly mark: string; readonly word: string; readonly style: Style }>
> = {
  start: { mark: '▸', word: 'start', style: 'dim' },
  complete: { mark: '✓', word: 'complete', style: 'green' },
  failed: { mark: '✗', word: 'failed', style: 'red' },
  retry: { mark: '↻', word: 'retry', style: 'yellow' },
  skipped: { mark: '–', word: 'skipped', style: 'yellow' },
  waits: { mark: '…', word: 'waits', style: 'dim' },
  note: { mark: '!', word: 'note', style: 'yellow' },
};

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

const SECOND_HAND_MS = 500;
const FRAME_MS = 40;

/** For a terminal: a line for each task that ends, and below them what runs now. */
export class LiveView implements RunView {
  readonly #story: RunStory;
  readonly #screen: Screen;
  readonly #colour: boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = Date.now();
  #due: NodeJS.Timeout | undefined;

  private constructor(story: RunStory, screen: Screen, colour: boolean) {
    this.#story = story;
    this.#screen = screen;
    this.#colour = colour;
    this.#timer = setInterval(() => this.#draw(), SECOND_HAND_MS);
  }

  static async open(story: RunStory, stream: NodeJS.WriteStream): Promise<LiveView> {
    const { createLogUpdate } = await import('log-update');
    return new LiveView(story, createLogUpdate(stream), (process.env.NO_COLOR ?? '') === '');
  }

  line(line: StoryLine): void {
    const { mark, style } = LOOKS[line.kind];
    if (line.kind !== 'start' && line.kind !== 'waits')
      this.#screen.persist(`${this.#paint(style, mark)} ${describe(line)}`);
    this.#drawSoon();
  }

  note(text: string): void {
    this.#screen.persist(text);
    this.#drawSoon();
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#due);
    this.#screen.clear();
  }

  /** A thousand short tasks a second are not drawn a thousand times. */
  #drawSoon(): void {
    this.#due ??= setTimeout(() => this.#draw(), FRAME_MS);
  }

  #draw(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    const { running, complete, before, failed, skipped, left, total } = this.#story;
    const lines = [...running.values()].map(
      ({ task, title, worker, since }) =>
        `${this.#paint('cyan', '▸')} ${task}  ${printable(title, 60)}  ${this.#paint('dim', `${worker}  ${formatDuration(Math.max(0, Date.now() - since))}`)}`,
    );
    const done = `${complete + before}/${total} done, ${failed} failed, ${skipped} skipped, ${left} left`;
    this.#screen(
      [...lines, this.#paint('bold', `${done}  ${formatDuration(Date.now() - this.#startedAt)}`)].join('\n'),
    );
  }

  #paint(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

interface Screen {
  (text: string): void;
  persist(text: string): void;
  clear(): void;
}
