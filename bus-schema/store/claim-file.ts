import { appendFileSync, closeSync, constants, openSync } from 'node:fs';
import { errorCode } from './errors.js';
import { writeWhole } from './write-file.js';

/**
 * Takes a claim: of all who try, exactly one makes the file. Its content is written after it exists, so a reader must
 * take an unfinished one as "claimed, by whom is not known yet".
 */
export function takeClaim(path: string, content: string): 'taken-by-us' | 'taken-before' {
  let fd: number;
  try {
    fd = openSync(
      path,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
      0o600,
    );
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return 'taken-before';
    throw error;
  }
  try {
    writeWhole(fd, `${content}\n`);
  } finally {
    closeSync(fd);
  }
  return 'taken-by-us';
}

/** Adds a line to a claim that is ours, such as which process it led to. */
export function noteInClaim(path: string, line: string): void {
  appendFileSync(path, `${line}\n`);
}
