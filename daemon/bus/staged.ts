import { lstatSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { RAW, rawPath } from './raw-name.js';

/** It holds what is made in this very moment, and what dead writers left. */
const MOST_LOOKED_AT = 1000;

/**
 * Whether a file's other name is the one under which its writer made it. Who links it into sight has written all of it, so
 * it is whole, also when the writer died before it could remove the first name.
 */
export function isStaged(bus: string, inode: number): boolean {
  const path = join(bus, layout.staging);
  const folder = opendirSync(path, { encoding: RAW });
  try {
    for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
      const entry = folder.readSync();
      if (entry === null) return false;
      if (lstatSync(rawPath(path, entry.name), { throwIfNoEntry: false })?.ino === inode) return true;
    }
    return false;
  } finally {
    folder.closeSync();
  }
}
