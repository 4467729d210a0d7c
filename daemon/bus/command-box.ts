import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../bus-schema/codec.js';
import { commandSchema, type Answer, type Command } from '../../bus-schema/command.js';
import { layout } from '../../bus-schema/layout.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { readDrop } from '../../bus-schema/store/read-file.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';
import type { Quarantine } from './quarantine.js';
import { RAW, rawPath } from './raw-name.js';
import { watchSmall, type SmallWatch } from './small-watch.js';

/** A file that is not whole yet is looked at again, for so long. */
const PATIENCE_MS = 1000;
const LOOK_AGAIN_MS = 50;
/** So many are dealt with at once. */
const BATCH = 200;

/** `commands/`: what users ask of the daemon, one file a request, each answered in `commands/done/`. */
export class CommandBox {
  readonly #bus: string;
  readonly #quarantine: Quarantine;
  #watch: Promise<SmallWatch> | undefined;
  readonly #unfinished = new Map<string, number>();
  #onHint: () => void = () => undefined;

  constructor(bus: string, quarantine: Quarantine) {
    this.#bus = bus;
    this.#quarantine = quarantine;
  }

  /** Calls back when `collect` may find something. */
  async watch(onHint: () => void): Promise<void> {
    this.#onHint = onHint;
    this.#watch = watchSmall(join(this.#bus, layout.commands), () => {
      // Not from within the watch's own promises: what goes wrong with a request is no trouble of watching.
      setImmediate(() => {
        this.#onHint();
      });
    });
    await this.#watch;
  }

  /** Waits for a watch that is still being set up, so that none stays behind. */
  async close(): Promise<void> {
    this.#onHint = () => undefined;
    await this.#watch?.then(watch => watch.close()).catch(() => undefined);
  }

  /** The requests that lie there, in the order of their names. A bad one is answered, as far as that is possible, and put away. */
  collect(): Command[] {
    const names = readdirSync(join(this.#bus, layout.commands), RAW)
      .filter(name => name.endsWith('.json'))
      .sort();
    // However many there are, whatever else the daemon has to do comes between.
    if (names.length > BATCH) this.#hintIn(1);
    return names.slice(0, BATCH).flatMap(name => this.#read(name) ?? []);
  }

  /** The request has been dealt with, durably as far as it changed anything. */
  answer(answer: Answer): void {
    replaceFile(this.#bus, join(this.#bus, layout.answer(answer.id)), `${JSON.stringify(answer)}\n`, {
      durable: false,
    });
    try {
      unlinkSync(join(this.#bus, layout.command(answer.id)));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  #read(name: string): Command | undefined {
    const read = readDrop(rawPath(join(this.#bus, layout.commands), name), [process.getuid?.() ?? 0]);
    if (!read.ok) {
      if (read.error.kind === 'refused') this.#refuse(name, read.error.why);
      if (read.error.kind === 'hindered') this.#hintIn(PATIENCE_MS);
      if (read.error.kind === 'unfinished' && !this.#lookAgain(name))
        this.#refuse(name, 'it has more than one name (hard links)');
      return undefined;
    }
    // Whoever writes in place is not done before the last brace.
    if (!read.value.text.trimEnd().endsWith('}') && this.#lookAgain(name)) return undefined;
    this.#unfinished.delete(name);
    const decoded = decodeJson(read.value.text, commandSchema);
    if (decoded.ok && `${decoded.value.id}.json` === name) return decoded.value;
    this.#refuse(name, decoded.ok ? 'its id is not its file name' : decoded.error.join('; '));
    return undefined;
  }

  #refuse(name: string, why: string): void {
    this.#unfinished.delete(name);
    this.#quarantine.take(layout.commands, name, why);
    const id = name.slice(0, -'.json'.length);
    if (/^[A-Za-z0-9-]{1,64}$/.test(id))
      this.answer({ id, ok: false, message: `the command is not one of ours: ${why}`, code: 2 });
  }

  /** Whether there is patience left. Nobody tells when the writer's other name has gone. */
  #lookAgain(name: string): boolean {
    const since = this.#unfinished.get(name) ?? performance.now();
    this.#unfinished.set(name, since);
    if (performance.now() - since > PATIENCE_MS) return false;
    this.#hintIn(LOOK_AGAIN_MS);
    return true;
  }

  #hintIn(ms: number): void {
    setTimeout(() => {
      this.#onHint();
    }, ms).unref();
  }
}
