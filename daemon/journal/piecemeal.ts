import type { Segments } from './segments.js';

/**
 * The lines of a segment from a byte on, those of one piece at a time, so that no more of it is in memory at once. What
 * stands behind the last line end comes as a line too.
 */
export function* linesFrom(
  segments: Segments,
  name: string,
  from: number,
  pieceBytes: number,
): Generator<string[]> {
  let rest = Buffer.alloc(0);
  for (let offset = from; ;) {
    const piece = segments.readPiece(name, offset, pieceBytes);
    if (piece.length === 0) break;
    offset += piece.length;
    const bytes = Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(10) + 1;
    rest = bytes.subarray(end);
    if (end > 0) yield bytes.toString('utf8', 0, end - 1).split('\n');
  }
  if (rest.length > 0) yield [rest.toString('utf8')];
}

/** Shorter stretches are read in one go. */
const NEAR_BYTES = 64 * 1024;
const HEAD_BYTES = 80;
/** Most lines end within so many. */
const LOOK_BYTES = 4096;

/**
 * A byte at which a line begins, with no record of this number or a later one before it: found by halving, so that a large
 * segment costs no more than a small one.
 */
export function placeBefore(segments: Segments, name: string, size: number, seq: number): number {
  let [low, high] = [0, size];
  while (high - low > NEAR_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const begin = lineBehind(segments, name, middle, high);
    const found = begin === undefined ? undefined : seqAt(segments, name, begin);
    if (begin !== undefined && found !== undefined && found < seq) low = begin;
    else high = middle;
  }
  return low;
}

function lineBehind(segments: Segments, name: string, from: number, until: number): number | undefined {
  for (let offset = from; offset < until; offset += LOOK_BYTES) {
    const at = segments.readPiece(name, offset, Math.min(LOOK_BYTES, until - offset)).indexOf(10);
    if (at !== -1) return offset + at + 1;
  }
  return undefined;
}

function seqAt(segments: Segments, name: string, offset: number): number | undefined {
  const head = segments.readPiece(name, offset, HEAD_BYTES).toString('latin1');
  const seq = /^\["[0-9a-f]{8}",\d+,\{"v":\d+,"seq":(\d+),/.exec(head)?.[1];
  return seq === undefined ? undefined : Number(seq);
}
