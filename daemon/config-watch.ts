import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../bus-schema/config.js';
import { formatDiagnostic } from '../bus-schema/diagnostic.js';
import { layout } from '../bus-schema/layout.js';
import { watchSmall, type SmallWatch } from './bus/small-watch.js';
import type { DaemonLog } from './log.js';
import type { Loop } from './loop.js';
import { loadConfig, REPO_CONFIG } from './settings.js';

/**
 * Takes over, while the daemon runs, what may change in its config: how many tasks run at once. What concerns a plan is
 * read anew for each submission; the rest holds from the daemon's next start. A config that is broken changes nothing.
 *
 * Only files that are there at the start are watched. For one that is not, chokidar would watch its folder, which is the
 * bus, and read all of it at every change of a view: half of the daemon's processor time when tasks are short.
 */
export function watchConfig(
  place: { readonly bus: string; readonly repo: string },
  started: Config,
  loop: Loop,
  log: DaemonLog,
): Promise<SmallWatch> {
  const files = [join(place.repo, REPO_CONFIG), join(place.bus, layout.config)].filter(file =>
    existsSync(file),
  );
  let known = started.parallelism?.maxParallelTasks;
  const look = (): void => {
    const config = loadConfig(place.bus, place.repo);
    if (!config.ok) {
      log.warn({ problems: config.error.map(formatDiagnostic) }, 'the changed config is not taken over');
      return;
    }
    const maxParallel = config.value.parallelism?.maxParallelTasks;
    // What it said at the start was weighed against flags then; only a change is news.
    if (maxParallel === undefined || maxParallel === known) return;
    known = maxParallel;
    loop.post(() => ({ type: 'SetLimit', maxParallel }));
    loop.turn();
  };
  return files.length === 0 ? Promise.resolve({ close: () => Promise.resolve() }) : watchSmall(files, look);
}
