import { closeSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../../bus-schema/store/errors.js';

const PIECE_BYTES = 64 * 1024;

/** A file from an offset to its present end, in pieces; nothing where there is no file yet. */
export function* piecesFrom(file: string, offset = 0): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    let position = offset;
    for (;;) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const count = readSync(fd, piece, 0, PIECE_BYTES, position);
      if (count === 0) return;
      position += count;
      yield piece.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}
