import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../bus-schema/store/errors.js';

/** Of all files in a folder and below it; none where there is no folder. */
export function bytesBelow(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).reduce(
      (sum, entry) => (entry.isFile() ? sum + (sizeOf(join(entry.parentPath, entry.name)) ?? 0) : sum),
      0,
    );
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

const sizeOf = (file: string): number | undefined => lstatSync(file, { throwIfNoEntry: false })?.size;

/** `312 B`, `4.0 KiB`, `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power] ?? 'B'}`;
}
