import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SLOTS, type Dag } from '../dags.js';
import { hasProgram, type Absent } from '../runner.js';
import type { Tool } from '../tool.js';

export const MAKE = 'make';
export const MAKE_IN_SHELL = 'make, shell forced';

/**
 * It leaves the shell out where a command needs none, so there is a second one that may not.
 * @param forced a shell for every command.
 */
export function make(forced = false): Tool | Absent {
  const name = forced ? MAKE_IN_SHELL : MAKE;
  if (!hasProgram('make')) return { name, remedy: 'install the package make' };
  return {
    name,
    write: (dag, folder) => {
      writeMakefile(dag, folder, forced);
    },
    argv: ['make', '-s', `-j${SLOTS}`],
  };
}

function writeMakefile({ steps }: Dag, folder: string, forced: boolean): void {
  const ids = steps.map(each => each.id).join(' ');
  const rules = steps.map(({ id, deps, command }) => {
    const told = command.replaceAll('$', () => '$$');
    return `${id}: ${deps.join(' ')}\n\t@${forced ? `:; ${told}` : told}\n`;
  });
  writeFileSync(join(folder, 'Makefile'), `.PHONY: all ${ids}\nall: ${ids}\n${rules.join('')}`);
}
