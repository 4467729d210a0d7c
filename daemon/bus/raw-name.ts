import { join } from 'node:path';

/**
 * A file's name is bytes, and need not be UTF-8: read as text, two names may look the same and lead to no file. Read as
 * this, each is one string and leads back to its file. The names that mean anything to us are ASCII, and the same both ways.
 */
export const RAW = 'latin1';

export function rawPath(folder: string, name: string): string | Buffer {
  // eslint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\u0000-\u007f]*$/.test(name)) return join(folder, name);
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, RAW)]);
}

/** The name as a person would read it. */
export function readableName(name: string): string {
  return Buffer.from(name, RAW).toString('utf8');
}
