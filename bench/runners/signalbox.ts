import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SLOTS, type Dag } from '../dags.js';
import { inNewFolder, ROOT } from '../place.js';
import type { Runner } from '../runner.js';
import { wholeProcess } from '../whole-process.js';

export const COLD = 'signalbox, cold';
export const UP = 'signalbox, up';

/** What `npm run build` made: as users run it. */
export const PROGRAM = join(ROOT, 'dist', 'daemon', 'cli', 'main.js');

export function needBuild(): void {
  if (!existsSync(PROGRAM)) throw new Error('signalbox is not built; run `npm run build` first');
}

export const signalbox = (...args: readonly string[]): string[] => [process.execPath, PROGRAM, ...args];

export interface PlanOptions {
  /** Say how long each task takes. */
  readonly estimates?: boolean;
}

/** @param name what history knows the plan by. */
export function planText(name: string, { steps }: Dag, { estimates = false }: PlanOptions = {}): string {
  const tasks = steps.map(({ id, deps, command, ms }) => ({
    id,
    command,
    depends_on: deps,
    ...(estimates && { estimate: `${ms}ms` }),
  }));
  return JSON.stringify({ signalbox: 1, name, tasks });
}

/** As a whole process in an empty folder: from nothing to a report, with a daemon and workers that go again. */
export function cold(): Runner {
  return {
    name: COLD,
    run: dag =>
      inNewFolder(async folder => {
        writeFileSync(join(folder, 'plan.json'), planText('bench', dag));
        const argv = signalbox('run', 'plan.json', '--json', '--max-parallel', String(SLOTS));
        return (await wholeProcess({ argv, cwd: folder })).ms;
      }),
  };
}
