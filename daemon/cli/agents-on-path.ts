import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Plan } from '../../bus-schema/plan.js';
import { programsOf } from '../plan/resolve.js';

/** The programs of a plan's agents that could not be started, in the plan's order. `path` is a PATH. */
export function missingPrograms(plan: Plan, path: string): string[] {
  return programsOf(plan).filter(program => findProgram(program, path) === undefined);
}

/** Where a program stands: on the PATH, or, if its name has a slash in it, right there. */
export function findProgram(program: string, path: string): string | undefined {
  if (program.includes('/')) return isExecutable(resolve(program)) ? resolve(program) : undefined;
  // An empty part would mean the current folder, from which nothing is started by accident.
  return path
    .split(delimiter)
    .filter(folder => folder !== '' && isAbsolute(folder))
    .map(folder => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
