import { join } from 'node:path';
import { decodeJson } from '../bus-schema/codec.js';
import { historySchema, NO_HISTORY, type History } from '../bus-schema/history.js';
import { layout } from '../bus-schema/layout.js';
import { readDrop } from '../bus-schema/store/read-file.js';
import { replaceFile } from '../bus-schema/store/write-file.js';

/** A hundred thousand tasks take a tenth of it. */
const LARGEST_BYTES = 64 * 1024 ** 2;

/** What earlier runs have taught. A file that is missing, damaged or not ours has taught nothing: it only helps the order. */
export function readHistory(bus: string): History {
  const read = readDrop(join(bus, layout.history), [process.getuid?.() ?? 0], LARGEST_BYTES);
  const decoded = read.ok ? decodeJson(read.value.text, historySchema) : undefined;
  return decoded?.ok === true ? decoded.value : NO_HISTORY;
}

export function writeHistory(bus: string, history: History): void {
  replaceFile(bus, join(bus, layout.history), `${JSON.stringify(history)}\n`, { durable: false });
}
