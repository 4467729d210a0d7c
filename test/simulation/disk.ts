import type { Segment, Segments, StagedSegment } from '../../daemon/journal/segments.js';
import type { Dice } from './dice.js';

/** The daemon dies: no code of it runs after this. */
export class Crash extends Error {}

interface SimFile {
  text: string;
  /** So many characters of it are on the disk for good. */
  durable: number;
}

type Names = Map<string, SimFile>;

/** No segment's name. */
const STAGED = 'compacting';

/**
 * The journal's folder on a disk that keeps what was synced, and of the rest whatever it likes: of a file nothing, all, or a
 * part, with zeros where it had reserved the place; of what became of names (made, renamed, removed) since their folder was
 * synced, any of it. All text is ASCII, so characters are bytes.
 */
export class SimDisk implements Segments {
  /** As programs see them. */
  #names: Names = new Map();
  /** As they are for good. */
  #kept: Names = new Map();
  /** What became of names since the folder was synced. */
  #changes: ((names: Names) => void)[] = [];
  /** What stood in segments that others stand for now. */
  #forgotten = '';
  readonly #dice: Dice;
  readonly #point: (call: string) => void;

  /** @param point is told of each call before and after it; the daemon may die there. */
  constructor(dice: Dice, point: (call: string) => void) {
    this.#dice = dice;
    this.#point = point;
  }

  names(): string[] {
    return [...this.#names.keys()].filter(name => name !== STAGED).sort();
  }

  read(name: string): Buffer {
    return Buffer.from(this.#names.get(name)?.text ?? '', 'latin1');
  }

  readPiece(name: string, offset: number, bytes: number): Buffer {
    return this.read(name).subarray(offset, offset + bytes);
  }

  open(name: string): Segment {
    this.#point('open segment');
    let file = this.#names.get(name);
    if (file === undefined) {
      const made = { text: '', durable: 0 };
      this.#change(names => names.set(name, made));
      file = made;
    }
    this.#point('opened segment');
    this.#syncFolder();
    this.#point('synced folder');
    return this.#segment(file);
  }

  stage(): StagedSegment {
    this.#point('stage');
    const file = { text: '', durable: 0 };
    this.#change(names => names.set(STAGED, file));
    const segment = this.#segment(file);
    return {
      append: text => {
        segment.append(text);
      },
      sync: () => {
        segment.sync();
      },
      place: name => {
        this.#point('place');
        this.#forget(name);
        this.#change(names => {
          // A rename of a name that was never kept leaves the file all the same.
          names.delete(STAGED);
          names.set(name, file);
        });
        this.#point('placed');
        this.#syncFolder();
        this.#point('synced folder');
      },
      discard: () => {
        this.#change(names => names.delete(STAGED));
      },
    };
  }

  remove(gone: readonly string[]): void {
    for (const name of [...gone, STAGED]) {
      if (!this.#names.has(name)) continue;
      this.#point('remove');
      this.#forget(name);
      this.#change(names => names.delete(name));
    }
    this.#point('removed');
  }

  /** What is, or once was, on the disk for good. */
  get durableText(): string {
    const texts = [...this.#kept.keys()]
      .sort()
      .map(name => this.#kept.get(name))
      .map(file => file?.text.slice(0, file.durable) ?? '');
    return this.#forgotten + texts.join('');
  }

  /** Names and sizes, as programs see them. */
  get size(): number {
    return this.names().reduce((sum, name) => sum + (this.#names.get(name)?.text.length ?? 0), 0);
  }

  losePower(): void {
    const dice = this.#dice;
    const names = new Map(this.#kept);
    for (const change of this.#changes) if (dice.chance(0.5)) change(names);
    for (const file of new Set(names.values())) {
      const kept = dice.between(file.durable, file.text.length);
      const zeros = dice.chance(0.2) ? dice.upTo(file.text.length - kept) : 0;
      file.text = file.text.slice(0, kept) + '\0'.repeat(zeros);
      file.durable = file.text.length;
    }
    this.#names = names;
    this.#syncFolder();
  }

  #change(change: (names: Names) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }

  #syncFolder(): void {
    this.#kept = new Map(this.#names);
    this.#changes = [];
  }

  #forget(name: string): void {
    const file = this.#names.get(name);
    if (file !== undefined && name !== STAGED) this.#forgotten += file.text.slice(0, file.durable);
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
          file.text += text.slice(0, dice.upTo(Math.max(0, text.length - 1)));
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
