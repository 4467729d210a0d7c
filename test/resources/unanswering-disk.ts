import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, read, writeSync } from 'node:fs';
import { freshFolder } from '../fresh-folder.js';

/** Of the kernel's protocol for file systems in user space: the question with which it begins, and where things stand. */
const INIT = 26;
const OPCODE_AT = 4;
const UNIQUE_AT = 8;
const HEADER_BYTES = 16;
const INIT_BYTES = 64;
const LONGEST_QUESTION = 1 << 17;

/** Why processes cannot be made to hang here; undefined when they can. */
export function whyNoUnansweringDisk(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  const { path, remove } = freshFolder();
  try {
    new UnansweringDisk(path).answer();
    return undefined;
  } catch (error) {
    return `no file system of our own can be mounted: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    remove();
  }
}

/**
 * A disk that takes each question and answers none, as a network's disk does whose server is gone: whoever asks it sleeps in
 * the kernel, and SIGKILL does not wake them.
 */
export class UnansweringDisk {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    this.path = path;
    this.#fd = openSync('/dev/fuse', 'r+');
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other';
    const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'unanswering', path], {
      stdio: ['ignore', 'ignore', 'pipe', this.#fd],
      encoding: 'utf8',
    });
    if (mounted.status !== 0) {
      closeSync(this.#fd);
      throw new Error(mounted.error?.message ?? mounted.stderr);
    }
    this.#listen();
  }

  /** Takes the disk away: all that wait for it are told that there is nothing. */
  answer(): void {
    spawnSync('umount', ['--lazy', '--force', this.path]);
  }

  /** Each question has to be taken: what nobody has taken yet can still be given up by who asked. */
  #listen(): void {
    const question = Buffer.alloc(LONGEST_QUESTION);
    read(this.#fd, question, 0, question.length, null, error => {
      if (error !== null) {
        // It was taken away.
        closeSync(this.#fd);
        return;
      }
      if (question.readUInt32LE(OPCODE_AT) === INIT) this.#begin(question.readBigUInt64LE(UNIQUE_AT));
      this.#listen();
    });
  }

  #begin(unique: bigint): void {
    const answer = Buffer.alloc(HEADER_BYTES + INIT_BYTES);
    answer.writeUInt32LE(answer.length, 0);
    answer.writeBigUInt64LE(unique, UNIQUE_AT);
    const [major, minor] = [7, 31];
    answer.writeUInt32LE(major, HEADER_BYTES);
    answer.writeUInt32LE(minor, HEADER_BYTES + 4);
    try {
      writeSync(this.#fd, answer);
    } catch {
      // It was taken away before it was asked anything.
    }
  }
}
