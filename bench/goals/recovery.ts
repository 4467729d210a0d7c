import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUS_NAME, layout } from '../../bus-schema/layout.js';
import { atExit } from '../at-exit.js';
import { independent, SLOTS } from '../dags.js';
import { figure, figuresOf } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { inNewFolder } from '../place.js';
import { say } from '../progress.js';
import type { Series } from '../rounds.js';
import { planText, signalbox } from '../runners/signalbox.js';
import { seriesTable } from '../table.js';

/** Of the daemon's feed, one for each start of a task. */
const DISPATCHED = '"type":"WORKER_DISPATCHED"';
const LOOK_MS = 2;
const SMALL = 10_000;
const PARTS = [0.25, 0.5, 0.75];

/**
 * How long a run stands still when its daemon is killed: from the start of the next daemon's process to the first task that it
 * starts. Killed (SIGKILL) when a quarter, half and three quarters of the tasks have been started.
 */
export const recovery: Goal = {
  number: 'G7',
  about: 'from the start of the daemon after a kill -9 to the next task',
  tasks: 'tasks of the largest run; smaller ones of 10,000 go before it',
  full: { rounds: 1, tasks: 100_000 },
  short: { rounds: 1, tasks: SMALL },
  measure,
};

async function measure({ rounds, tasks }: Size): Promise<Findings> {
  const sizes = tasks > SMALL ? [SMALL, tasks] : [tasks];
  const series: Series[] = [];
  for (const size of sizes) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(...(await killedThrice(size)));
    series.push({ name: `${size.toLocaleString('en')} tasks`, figures: figuresOf(times) });
  }
  const verdicts = series.map(({ name, figures: { max } }, index): Verdict => {
    const most = (sizes[index] ?? 0) > SMALL ? 2000 : 500;
    return {
      ...{ goal: 'G7', what: `recovery, ${name}, slowest`, peer: 'our own limit' },
      ...{ peerFigure: figure(most, 'ms'), ours: figure(max, 'ms'), ratio: max / most },
      ...{ wanted: `≤ ${most} ms`, met: max <= most },
    };
  });
  const title = 'From the start of the next daemon to the next task, after a kill -9';
  return { tables: [seriesTable(title, 'ms', series)], verdicts };
}

function killedThrice(count: number): Promise<number[]> {
  return inNewFolder(async folder => {
    writeFileSync(join(folder, 'plan.json'), planText('recovery', independent(count, ':')));
    let child = run(folder);
    const feed = new Feed(join(folder, BUS_NAME, layout.queue));
    try {
      const times: number[] = [];
      for (const part of PARTS) {
        await untilStarted(feed, count * part, child);
        child.kill('SIGKILL');
        await once(child, 'exit');
        const before = feed.started();
        const began = performance.now();
        child = run(folder);
        await untilStarted(feed, before + 1, child);
        times.push(performance.now() - began);
        say(
          `killed with ${before} of ${count} tasks started: ${times.at(-1)?.toFixed(0)} ms to the next one`,
        );
      }
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`the run ended with ${code}`);
      return times;
    } finally {
      feed.close();
      child.kill('SIGKILL');
    }
  });
}

function run(folder: string): ChildProcess {
  const [program = '', ...args] = signalbox('run', 'plan.json', '--max-parallel', String(SLOTS));
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  );
  return child;
}

async function untilStarted(feed: Feed, least: number, child: ChildProcess): Promise<void> {
  while (feed.started() < least) {
    if (child.exitCode !== null) throw new Error(`the run ended early, with ${child.exitCode}`);
    await sleep(LOOK_MS);
  }
}

/** How many tasks have been started, by the feed; each byte is read once. */
class Feed {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(1024 ** 2);
  #fd: number | undefined;
  #offset = 0;
  #rest = '';
  #started = 0;

  constructor(path: string) {
    this.#path = path;
  }

  started(): number {
    this.#fd ??= openIfThere(this.#path);
    if (this.#fd === undefined) return 0;
    for (;;) {
      const read = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#offset);
      if (read === 0) return this.#started;
      this.#offset += read;
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, read)).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#started += lines.filter(line => line.includes(DISPATCHED)).length;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
