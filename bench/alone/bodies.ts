import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { DropBox } from '../../daemon/bus/drop-box.js';
import { Quarantine } from '../../daemon/bus/quarantine.js';
import { freshBus } from '../../test/fresh-folder.js';
import { HOSTILE_BODIES } from '../../test/hostile/bodies.js';

/**
 * How long the daemon takes for one event whose body is made to hurt it: from its look at the folder to knowing what the
 * body says, or to having put it away. Time is that of the processor, of all threads, so that what else runs on the machine
 * counts for little. Usage: `npm run bench:bodies [rounds]`. Fails when one of a hundred takes longer than 20 ms.
 */
const LONGEST_MS = 20;
const rounds = Number(process.argv[2] ?? 500);
/** As a sign of progress, and as a request about locks: they are read in two ways. */
const NAMES = ['PROGRESS_ghost', 'FILE_LOCK_REQUEST_x'] as const;

const { bus, remove } = freshBus();
const folder = join(bus, layout.events);
const box = new DropBox(bus, new Quarantine(bus), () => undefined);

function msFor(name: string, body: string | Buffer): number {
  const file = `${name}.event`;
  writeFileSync(join(folder, file), body);
  const before = process.cpuUsage();
  box.scan();
  box.collect();
  const { user, system } = process.cpuUsage(before);
  rmSync(join(folder, file), { force: true });
  return (user + system) / 1000;
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;

const slow: string[] = [];
console.log(`${'body'.padEnd(32)}     p50      p99      max (ms, of ${rounds})`);
try {
  for (const [what, body] of HOSTILE_BODIES) {
    for (const name of NAMES) {
      const times = Array.from({ length: rounds }, (_, round) => msFor(`${name}@${round}`, body)).sort(
        (a, b) => a - b,
      );
      const [middle, most, longest] = [at(times, 0.5), at(times, 0.99), at(times, 1)];
      if (most > LONGEST_MS) slow.push(`${what} (${name}): ${most.toFixed(1)} ms`);
      const cells = [middle, most, longest].map(ms => ms.toFixed(2).padStart(9)).join('');
      console.log(`${(name === NAMES[0] ? what : '  as a request').padEnd(28)}${cells}`);
    }
  }
} finally {
  box.close();
  remove();
}
for (const each of slow) console.log(`too slow: ${each}`);
process.exitCode = slow.length === 0 ? 0 : 1;
