import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Whether the cost of a task stays the same when there are more of them: runs of 1,000 and 2,000 tasks that do nothing, 5 at
 * once, whole processes from start to exit, the sizes in turn so that a slow minute hits both. Usage:
 * `npm run bench:slope [rounds]`, after a build.
 */
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'daemon', 'cli', 'main.js');
const SIZES = [1000, 2000] as const;
const rounds = Number(process.argv[2] ?? 5);

function secondsFor(count: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-slope-'));
  try {
    const tasks = Array.from({ length: count }, (_, index) => ({ id: `t${index}`, command: ':' }));
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ signalbox: 1, name: 'slope', tasks }));
    const before = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'run', 'plan.json', '--json'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 64 * 1024 ** 2,
    });
    if (status !== 0) throw new Error(`the run ended with ${status}: ${stderr.slice(-500)}`);
    return (performance.now() - before) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const times = new Map<number, number[]>(SIZES.map(size => [size, []]));
for (let round = 0; round < rounds; round++)
  for (const size of SIZES) times.get(size)?.push(secondsFor(size));

const medians = SIZES.map(size => {
  const sorted = (times.get(size) ?? []).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? NaN;
  const range = `${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)}`;
  console.log(
    `${size} tasks: median ${median.toFixed(2)} s (${range}), ${((median / size) * 1000).toFixed(2)} ms a task`,
  );
  return median;
});
const [small = NaN, large = NaN] = medians;
console.log(`ratio ${(large / small).toFixed(2)} (2 is flat; at most 2.3 is wanted)`);
