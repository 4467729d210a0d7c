import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SLOTS, type Dag } from '../dags.js';
import { hasProgram, type Absent } from '../runner.js';
import type { Tool } from '../tool.js';

export const NINJA = 'ninja';

/** Its targets are never made, so that every task runs. */
export function ninja(): Tool | Absent {
  if (!hasProgram('ninja')) return { name: NINJA, remedy: 'install the package ninja-build' };
  return { name: NINJA, write: writeNinja, argv: ['ninja', `-j${SLOTS}`, '--quiet'] };
}

function writeNinja({ steps }: Dag, folder: string): void {
  const builds = steps.map(
    ({ id, deps, command }) =>
      `build ${id}: run ${deps.join(' ')}\n  do = ${command.replaceAll('$', () => '$$')}\n`,
  );
  writeFileSync(join(folder, 'build.ninja'), `rule run\n  command = $do\n${builds.join('')}`);
}
