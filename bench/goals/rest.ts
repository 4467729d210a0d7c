import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseSchema } from '../../bus-schema/lease.js';
import { layout } from '../../bus-schema/layout.js';
import { until } from '../../test/until.js';
import { atExit } from '../at-exit.js';
import { BusUp } from '../bus-up.js';
import { SLOTS, type Dag } from '../dags.js';
import { figure, figuresOf } from '../figures.js';
import type { Findings, Goal, Size, Verdict } from '../goal.js';
import { npmPeers } from '../npm-peers.js';
import { peerProgram } from '../peer-program.js';
import type { Jobs } from '../peers/jobs.js';
import { newFolder } from '../place.js';
import { familyOf, memoryMiB, processorMs, programOf, sleepsOf } from '../proc.js';
import { say } from '../progress.js';
import { hasProgram, present, type Absent } from '../runner.js';
import { make } from '../runners/make.js';
import { ninja } from '../runners/ninja.js';
import { wireit } from '../runners/wireit.js';
import type { Table } from '../table.js';
import type { Tool } from '../tool.js';

/** Time for everyone to have begun to wait. */
const SETTLE_MS = 5000;
const LONGEST_START_MS = 20_000;
const OURS = 'signalbox';

/** What it costs to wait for tasks that take long. */
export const rest: Goal = {
  number: 'G6',
  about: 'processor, wake-ups and memory while five tasks run that take long',
  tasks: 'seconds to look',
  full: { rounds: 1, tasks: 30 },
  short: { rounds: 1, tasks: 15 },
  measure,
};

const waiting: Dag = {
  name: 'waiting',
  steps: Array.from({ length: SLOTS }, (_, index) => ({
    ...{ id: `t${index}`, deps: [], command: 'sleep 3600', ms: 3_600_000 },
  })),
};

/** A tool that waits, and how it is sent away. */
interface Waiter {
  readonly name: string;
  readonly pid: number;
  readonly end: () => Promise<void>;
}

interface Cost {
  readonly name: string;
  /** Of one processor. */
  readonly percent: number;
  readonly wakesASecond: number;
  readonly allMiB: number;
}

async function measure({ rounds, tasks: seconds }: Size): Promise<Findings> {
  const bus = await BusUp.warm();
  const waiters: Waiter[] = [];
  try {
    bus.submit(waiting);
    const { pid = 0 } = bus.daemon;
    waiters.push({ name: OURS, pid, end: () => bus.close() });
    for (const tool of present<Tool>([ninja(), make(), wireit(), bullmq()])) waiters.push(startWaiter(tool));
    for (const { name, pid: each } of waiters)
      await until(() => sleepsBelow(each) >= SLOTS, LONGEST_START_MS, `${name} to wait`);
    await sleep(SETTLE_MS);
    const costs: Cost[][] = [];
    for (let round = 0; round < rounds; round++) {
      say(`looking for ${seconds} s`);
      costs.push(await costsIn(waiters, seconds));
    }
    const workers = workersOf(bus.bus).map(memoryMiB);
    return findings(waiters, costs, { daemon: memoryMiB(pid), workers }, seconds);
  } finally {
    for (const { end } of waiters) await end();
  }
}

/** All at once, in the same seconds. */
async function costsIn(waiters: readonly Waiter[], seconds: number): Promise<Cost[]> {
  const families = waiters.map(({ pid }) => familyOf(pid).filter(each => programOf(each) !== 'sleep'));
  const totals = (of: (pid: number) => number): number[] =>
    families.map(family => family.reduce((all, pid) => all + of(pid), 0));
  const [usedBefore, sleptBefore] = [totals(processorMs), totals(sleepsOf)];
  const began = performance.now();
  await sleep(seconds * 1000);
  const passed = performance.now() - began;
  const [used, slept, memory] = [totals(processorMs), totals(sleepsOf), totals(memoryMiB)];
  return waiters.map(({ name }, index) => ({
    name,
    percent: (((used[index] ?? 0) - (usedBefore[index] ?? 0)) / passed) * 100,
    wakesASecond: (((slept[index] ?? 0) - (sleptBefore[index] ?? 0)) / passed) * 1000,
    allMiB: memory[index] ?? 0,
  }));
}

function findings(
  waiters: readonly Waiter[],
  costs: readonly (readonly Cost[])[],
  memory: { readonly daemon: number; readonly workers: readonly number[] },
  seconds: number,
): Findings {
  const medianFor = (name: string, of: (cost: Cost) => number): number =>
    figuresOf(costs.flat().flatMap(each => (each.name === name ? [of(each)] : []))).median;
  const all = waiters.map(({ name }) => ({
    name,
    percent: medianFor(name, each => each.percent),
    wakesASecond: medianFor(name, each => each.wakesASecond),
    allMiB: medianFor(name, each => each.allMiB),
  }));
  const largest = Math.max(...memory.workers);
  const [ours] = all;
  const limit = (what: string, value: number, most: number, unit: string): Verdict => ({
    ...{ goal: 'G6', what, peer: 'our own limit', peerFigure: figure(most, unit) },
    ...{ ours: figure(value, unit), ratio: value / most, wanted: `≤ ${most} ${unit}`, met: value <= most },
  });
  const table: Table = {
    title: `Waiting for ${SLOTS} tasks, ${seconds} s: the tool and all its processes but the tasks' own`,
    heads: ['', 'processor, %', 'wake-ups/s', 'memory, MiB'],
    rows: [
      ...all.map(each => [
        each.name,
        each.percent.toFixed(3),
        each.wakesASecond.toFixed(2),
        each.allMiB.toFixed(0),
      ]),
      ['  of which the daemon', '', '', memory.daemon.toFixed(0)],
      ['  each worker, at most', '', '', largest.toFixed(0)],
    ],
    series: all.flatMap(({ name, ...rest }) =>
      Object.entries(rest).map(([what, value]) => ({
        name: `${name}: ${what}`,
        figures: figuresOf([value]),
      })),
    ),
  };
  const verdicts = [
    limit('at rest, processor', ours?.percent ?? NaN, 0.1, '%'),
    limit('at rest, wake-ups', ours?.wakesASecond ?? NaN, 2, '/s'),
    limit('memory of the daemon', memory.daemon, 90, 'MiB'),
    limit('memory of a worker', largest, 50, 'MiB'),
  ];
  return { tables: [table], verdicts };
}

const sleepsBelow = (pid: number): number => familyOf(pid).filter(each => programOf(each) === 'sleep').length;

function workersOf(bus: string): number[] {
  return readdirSync(join(bus, layout.workers)).map(id => {
    const text = readFileSync(join(bus, layout.workers, id, 'pid.json'), 'utf8');
    return leaseSchema.parse(JSON.parse(text)).holder.pid;
  });
}

function startWaiter({ name, write, argv, env = {} }: Tool): Waiter {
  const folder = newFolder();
  write(waiting, folder);
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' });
  const { pid = 0 } = child;
  const kill = (): void => {
    for (const each of familyOf(pid)) killIfThere(each);
  };
  const undone = atExit(kill);
  return {
    ...{ name, pid },
    end: async () => {
      kill();
      undone();
    },
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The queue's user and its server are processes below it. */
function bullmq(): Tool | Absent {
  const name = 'BullMQ, with redis';
  const peers = npmPeers('bullmq', 'ioredis');
  if (peers.folder === undefined) return { name, remedy: peers.remedy };
  if (!hasProgram('redis-server')) return { name, remedy: 'install the package redis-server' };
  const { folder: packages } = peers;
  return {
    name,
    write: ({ steps }, folder) => {
      const own = join(folder, 'queue');
      mkdirSync(own);
      const jobs: Jobs = {
        ...{ packages, folder: own, slots: SLOTS, idle: false, durability: 'everysec', steps },
      };
      writeFileSync(join(folder, 'jobs.json'), JSON.stringify(jobs));
    },
    argv: [process.execPath, peerProgram('bullmq-queue'), 'jobs.json'],
  };
}
