import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
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
  /** Bytes from an offset on, at most so many. */
  readPiece(name: string, offset: number, bytes: number): Buffer;
  /** Begins a new file that no reader sees, in the place of one that was begun before. */
  stage(): StagedSegment;
  /** Removes segments that another stands for by now, and what an earlier daemon had staged. */
  remove(names: readonly string[]): void;
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

/** What is to become a segment. */
export interface StagedSegment {
  append(text: string): void;
  sync(): void;
  /** Puts it, synced before, into the place of the segment of that name; durably, when this returns. */
  place(name: string): void;
  /** Nothing comes of it. */
  discard(): void;
}

/** No segment's name, so nobody reads it. */
const STAGED = 'compacting';

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

  readPiece(name: string, offset: number, bytes: number): Buffer {
    const fd = openSync(join(this.#folder, name), constants.O_RDONLY);
    try {
      const buffer = Buffer.allocUnsafe(bytes);
      return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset));
    } finally {
      closeSync(fd);
    }
  }

  sizeOf(name: string): number {
    return statSync(join(this.#folder, name)).size;
  }

  stage(): StagedSegment {
    const path = join(this.#folder, STAGED);
    unlinkIfThere(path);
    const file = new AppendFile(path);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) file.close();
      isOpen = false;
    };
    return {
      append: text => {
        file.append(text);
      },
      sync: () => {
        file.sync();
      },
      place: name => {
        close();
        renameSync(path, join(this.#folder, name));
        syncFolder(this.#folder);
      },
      discard: () => {
        close();
        unlinkIfThere(path);
      },
    };
  }

  remove(names: readonly string[]): void {
    for (const name of [...names, STAGED]) unlinkIfThere(join(this.#folder, name));
  }

  open(name: string): Segment {
    const segment = new AppendFile(join(this.#folder, name));
    syncFolder(this.#folder);
    return segment;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
