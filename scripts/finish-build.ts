import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';

const dist = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dist);

/** What the compiler makes of `x.ts`; anything else in the folder is left alone. */
const MADE = /(\.js|\.js\.map|\.d\.ts|\.d\.ts\.map)$/;

/** The compiler never takes away: without this, a deleted source would live on in what is shipped. */
function removeOrphans(): void {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !MADE.test(entry.name)) continue;
    const made = join(entry.parentPath, entry.name);
    const source = join(root, relative(dist, made)).replace(MADE, '.ts');
    if (!existsSync(source)) rmSync(made, { force: true });
  }
}

/** npm makes a bin executable when it installs the package, but not in a checkout. */
function makeExecutable(): void {
  const bin = join(dist, 'daemon/cli/main.js');
  if (existsSync(bin)) chmodSync(bin, 0o755);
}

removeOrphans();
await bundle(dist);
makeExecutable();
