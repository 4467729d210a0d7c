import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFirstSeq } from '../../bus-schema/layout.js';
import { AppendFile } from '../../bus-schema/store/append-file.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { syncFolder } from '../../bus-schema/store/write-file.js';

/** The files of a journal: all it needs of a disk, so that a simulated one can lose what a real one may lose. */
export interface Segments {
  /** File names, the earliest first. */
  names(): string[];
  read(name: string): Buffer;
  /** Opens a segment for writing, making it where it is missing; its name is durable when this returns. */
  open(name: string): Segment;
}

/** One file that grows at its end. Errors of `append` and `sync` are final. */
export interface Segment {
  readonly size: number;
  append(text: string): void;
  sync(): void;
  /** Cuts it to so many bytes, durably. */
  cut(bytes: number): void;
  close(): void;
}

/** A journal's files in a real folder; one that is not there is empty. */
export class SegmentFolder implements Segments {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  names(): string[] {
    return this.#all()
      .filter(name => segmentFirstSeq(name) !== undefined)
      .sort();
  }

  /** A folder that cannot be read now must not be taken for none: a new journal would be begun over the old. */
  #all(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  open(name: string): Segment {
    const segment = new AppendFile(join(this.#folder, name));
    syncFolder(this.#folder);
    return segment;
  }
}
