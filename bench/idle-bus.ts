import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import { until } from '../test/until.js';
import { atExit } from './at-exit.js';
import { BusUp } from './bus-up.js';
import { SLOTS } from './dags.js';
import { ROOT } from './place.js';

const LONGEST_START_MS = 30_000;

/** A bus whose daemon is the real one and whose workers start no processes: see `idle-worker.ts`. */
export function openIdleBus(): Promise<BusUp> {
  return BusUp.warm({ before: startIdleWorkers });
}

async function startIdleWorkers(bus: string): Promise<void> {
  const ids = Array.from({ length: SLOTS }, (_, index) => `worker-${index + 1}` as WorkerId);
  for (const id of ids) {
    const args = ['--import', import.meta.resolve('tsx'), join(ROOT, 'bench', 'idle-worker.ts'), bus, id];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once(
      'exit',
      atExit(() => child.kill('SIGKILL')),
    );
  }
  await until(
    () => ids.every(id => existsSync(join(bus, layout.workerInfo(id)))),
    LONGEST_START_MS,
    'the idle workers',
  );
}
