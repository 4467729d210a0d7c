import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastOf, SLOTS, type Dag } from '../dags.js';
import { npmPeers } from '../npm-peers.js';
import type { Absent } from '../runner.js';
import type { Tool } from '../tool.js';

const WIREIT = 'wireit';

/** Started by npm, as its users start it, with nothing cached. */
export function wireit(): Tool | Absent {
  const peers = npmPeers('wireit');
  if (peers.folder === undefined) return { name: WIREIT, remedy: peers.remedy };
  const { folder: installed } = peers;
  return {
    name: WIREIT,
    write: (dag, folder) => {
      // It looks for itself in the project.
      symlinkSync(join(installed, 'node_modules'), join(folder, 'node_modules'));
      writeScripts(dag, folder);
    },
    argv: ['npm', 'run', '--silent', 'all'],
    env: {
      WIREIT_PARALLEL: String(SLOTS),
      WIREIT_CACHE: 'none',
      npm_config_update_notifier: 'false',
    },
  };
}

function writeScripts(dag: Dag, folder: string): void {
  const scripts: Record<string, string> = { all: 'wireit' };
  const wireit: Record<string, object> = { all: { dependencies: lastOf(dag) } };
  for (const { id, deps, command } of dag.steps) {
    scripts[id] = 'wireit';
    wireit[id] = { command, dependencies: deps };
  }
  const project = { name: 'bench', version: '1.0.0', private: true, scripts, wireit };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
}
