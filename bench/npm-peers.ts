import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './place.js';

/** Where peers that come as npm packages are: below this folder, or where the environment says. */
const FOLDER = process.env.SIGNALBOX_BENCH_PEERS ?? join(ROOT, 'bench', 'peers');

export type NpmPeers = { readonly folder: string } | { readonly folder: undefined; readonly remedy: string };

/** The folder in whose `node_modules` all these packages are. */
export function npmPeers(...packages: readonly string[]): NpmPeers {
  const isThere = packages.every(each => existsSync(join(FOLDER, 'node_modules', each)));
  return isThere
    ? { folder: FOLDER }
    : { folder: undefined, remedy: '`npm run bench:peers` installs it into bench/peers' };
}
