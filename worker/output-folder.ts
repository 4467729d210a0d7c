import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { StartOrder } from '../bus-schema/assignment.js';

/** Makes the folder in which a task's output is expected; one that is named with a trailing `/` is the folder itself. */
export function makeOutputFolder({ cwd, output }: StartOrder): { readonly problem?: string } {
  if (output === undefined) return {};
  const path = resolve(cwd, output);
  try {
    mkdirSync(output.endsWith('/') ? path : dirname(path), { recursive: true });
    return {};
  } catch (error) {
    return {
      problem: `the folder of its output cannot be made: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
