import { closeSync, constants, fstatSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';
import { decodeOrder, type Order } from '../bus-schema/assignment.js';
import { log } from './log.js';

/** How often the file is looked at where the system cannot watch it for us (its watches are used up). */
const POLL_MS = 200;

/** The assignments of a worker, followed from their first line on. The daemon appends, we read whole lines. */
export class OrderFile {
  readonly #fd: number;
  readonly #take: (order: Order) => void;
  #offset = 0;
  /** A line whose end is not there yet. */
  #unfinished = Buffer.alloc(0);
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(path: string, take: (order: Order) => void) {
    this.#fd = openSync(path, constants.O_CREAT | constants.O_RDONLY | constants.O_NOFOLLOW, 0o600);
    this.#take = take;
    this.#follow(path);
    this.look();
  }

  /** Takes what has been added. The watch is only a hint, so this is to be called now and then as well. */
  look(): void {
    const added = this.#readAdded();
    if (added.length === 0) return;
    const content = Buffer.concat([this.#unfinished, added]);
    const end = content.lastIndexOf(0x0a) + 1;
    this.#unfinished = content.subarray(end);
    for (const line of content.toString('utf8', 0, end).split('\n')) {
      const order = line.trim() === '' ? undefined : orderOn(line);
      if (order !== undefined) this.#take(order);
    }
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#poll);
    closeSync(this.#fd);
  }

  #readAdded(): Buffer {
    const wanted = fstatSync(this.#fd).size - this.#offset;
    if (wanted <= 0) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(wanted);
    const count = readSync(this.#fd, buffer, 0, wanted, this.#offset);
    this.#offset += count;
    return buffer.subarray(0, count);
  }

  #follow(path: string): void {
    try {
      this.#watcher = watch(path, () => this.look()).on('error', error => this.#pollInstead(error));
    } catch (error) {
      this.#pollInstead(error);
    }
  }

  #pollInstead(error: unknown): void {
    log('warn', 'cannot watch for orders; looking every 200 ms instead', { error });
    this.#watcher?.close();
    this.#poll ??= setInterval(() => this.look(), POLL_MS);
  }
}

/** A daemon that was killed, or ran out of disk, within a line leaves a torn one: nothing was promised by it. */
function orderOn(line: string): Order | undefined {
  try {
    return decodeOrder(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    log('error', 'an order is torn and is passed over', { line: line.slice(0, 200) });
    return undefined;
  }
}
