/** The code of a system call that failed, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The machine refused what we cannot do without: no bug of ours. The message says what, and how to go on. */
export class Hindrance extends Error {}

/** No descriptors, processes or memory left: it may well go in a moment. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

export function isShortage(error: unknown): boolean {
  return SHORTAGES.has(errorCode(error) ?? '');
}

/** What a look shows; undefined where the machine is too short of something for it, and so nothing is known. */
export function unlessShort<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isShortage(error)) return undefined;
    throw error;
  }
}
