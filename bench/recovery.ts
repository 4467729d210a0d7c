import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * How long a run of 10,000 tasks stands still when its daemon is killed: from the start of the next daemon's process to the
 * first task that it starts. The daemon is killed (SIGKILL) when a quarter, half and three quarters of the tasks have been
 * started. Usage: `npm run bench:recovery [tasks]`, after a build.
 */
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'daemon', 'cli', 'main.js');
const count = Number(process.argv[2] ?? 10_000);
const DISPATCHED = '"type":"WORKER_DISPATCHED"';
const LOOK_MS = 2;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-recovery-'));
const feed = join(folder, '.message-bus', 'queue.jsonl');

const run = (): ChildProcess =>
  spawn(process.execPath, [PROGRAM, 'run', 'plan.json', '--max-parallel', '5'], {
    cwd: folder,
    stdio: 'ignore',
  });

const started = (text: string): number => text.split(DISPATCHED).length - 1;

/** The feed's text from a byte on; nothing where there is no feed yet. */
function feedFrom(bytes: number): string {
  try {
    return statSync(feed).size > bytes ? readFileSync(feed).subarray(bytes).toString() : '';
  } catch {
    return '';
  }
}

/** Milliseconds of the processor that a process has used, where the machine says so. */
function processorMs(pid: number | undefined): string {
  try {
    const fields =
      readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
        .split(') ')
        .at(-1)
        ?.split(' ') ?? [];
    return String((Number(fields[11]) + Number(fields[12])) * 10);
  } catch {
    return '?';
  }
}

async function untilStarted(least: number, from: number, child: ChildProcess): Promise<void> {
  while (started(feedFrom(from)) < least) {
    if (child.exitCode !== null) throw new Error(`the run ended early, with ${child.exitCode}`);
    await sleep(least === 1 ? LOOK_MS : 100);
  }
}

try {
  const tasks = Array.from({ length: count }, (_, index) => ({ id: `t${index}`, command: ':' }));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ signalbox: 1, name: 'recovery', tasks }));
  let child = run();
  const times: number[] = [];
  for (const part of [0.25, 0.5, 0.75]) {
    await untilStarted(count * part, 0, child);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { size } = statSync(feed);
    const began = performance.now();
    child = run();
    await untilStarted(1, size, child);
    times.push(performance.now() - began);
    const cpu = processorMs(child.pid);
    console.log(
      `killed with ${started(feedFrom(0)) - 1} of ${count} tasks started: ${times.at(-1)?.toFixed(0)} ms to the next one, ${cpu} of the processor`,
    );
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  console.log(
    `the run ended with ${code}; slowest ${Math.max(...times).toFixed(0)} ms (below 1000 is wanted)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
