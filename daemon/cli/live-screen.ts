import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

const SECOND_HAND_MS = 500;
const FRAME_MS = 40;

/** The lower end of a terminal: lines go up from it and stay, and below them is a text that is drawn again and again. */
export class LiveScreen {
  readonly #screen: LogUpdate;
  readonly #colour: boolean;
  #frame: () => string = () => '';
  #timer: NodeJS.Timeout | undefined;
  #due: NodeJS.Timeout | undefined;

  private constructor(screen: LogUpdate, colour: boolean) {
    this.#screen = screen;
    this.#colour = colour;
  }

  static async open(stream: NodeJS.WriteStream): Promise<LiveScreen> {
    const { createLogUpdate } = await import('log-update');
    return new LiveScreen(createLogUpdate(stream), (process.env.NO_COLOR ?? '') === '');
  }

  /** From now on until the end, this is the moving part. */
  show(frame: () => string): void {
    this.#frame = frame;
    this.#timer ??= setInterval(() => this.#draw(), SECOND_HAND_MS);
  }

  persist(text: string): void {
    this.#screen.persist(text);
    this.drawSoon();
  }

  /** A thousand short tasks a second are not drawn a thousand times. */
  drawSoon(): void {
    this.#due ??= setTimeout(() => this.#draw(), FRAME_MS);
  }

  paint(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Takes the moving part off the screen. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#due);
    this.#screen.clear();
  }

  #draw(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#screen(this.#frame());
  }
}

interface LogUpdate {
  (text: string): void;
  persist(text: string): void;
  clear(): void;
}
