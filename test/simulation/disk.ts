import type { Segment, Segments } from '../../daemon/journal/segments.js';
import type { Dice } from './dice.js';

/** The daemon dies: no code of it runs after this. */
export class Crash extends Error {}

interface SimFile {
  text: string;
  /** So many characters of it are on the disk for good. */
  durable: number;
  /** Its name is too: the folder was synced after it was made. */
  named: boolean;
}

/**
 * The journal's folder on a disk that keeps what was synced, and of the rest whatever it likes: nothing, all, or a part,
 * with zeros where it had reserved the place; and the name of a file only when its folder was synced. All text is ASCII, so characters are bytes.
 */
export class SimDisk implements Segments {
  readonly #files = new Map<string, SimFile>();
  readonly #dice: Dice;
  readonly #point: (call: string) => void;

  /** @param point is told of each call before and after it; the daemon may die there. */
  constructor(dice: Dice, point: (call: string) => void) {
    this.#dice = dice;
    this.#point = point;
  }

  names(): string[] {
    return [...this.#files.keys()].sort();
  }

  read(name: string): Buffer {
    return Buffer.from(this.#files.get(name)?.text ?? '', 'latin1');
  }

  open(name: string): Segment {
    this.#point('open segment');
    let file = this.#files.get(name);
    if (file === undefined) this.#files.set(name, (file = { text: '', durable: 0, named: false }));
    this.#point('opened segment');
    file.named = true;
    this.#point('synced folder');
    return this.#segment(file);
  }

  /** What is on the disk for good. */
  get durableText(): string {
    return this.names()
      .map(name => this.#files.get(name))
      .map(file => (file?.named === true ? file.text.slice(0, file.durable) : ''))
      .join('');
  }

  losePower(): void {
    const dice = this.#dice;
    for (const [name, file] of this.#files) {
      if (!file.named && dice.chance(0.5)) this.#files.delete(name);
      file.named = true;
      const kept = dice.between(file.durable, file.text.length);
      const zeros = dice.chance(0.2) ? dice.upTo(file.text.length - kept) : 0;
      file.text = file.text.slice(0, kept) + '\0'.repeat(zeros);
      file.durable = file.text.length;
    }
  }

  #segment(file: SimFile): Segment {
    const [point, dice] = [this.#point, this.#dice];
    return {
      get size() {
        return file.text.length;
      },
      append(text) {
        try {
          point('append');
        } catch (crash) {
          // Killed within the call: a part of it may have been written.
          file.text += text.slice(0, dice.upTo(text.length - 1));
          throw crash;
        }
        file.text += text;
        point('appended');
      },
      sync() {
        point('sync');
        file.durable = file.text.length;
        point('synced');
      },
      cut(bytes) {
        point('cut');
        file.text = file.text.slice(0, bytes);
        file.durable = Math.min(file.durable, bytes);
        point('cut, unsynced');
        file.durable = file.text.length;
      },
      close: () => undefined,
    };
  }
}
