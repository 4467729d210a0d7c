import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { busyPercent } from './busy.js';
import type { Findings, Goal, Size } from './goal.js';
import { bus } from './goals/bus.js';
import { chain } from './goals/chain.js';
import { makespan } from './goals/makespan.js';
import { recovery } from './goals/recovery.js';
import { rest } from './goals/rest.js';
import { slope } from './goals/slope.js';
import { start } from './goals/start.js';
import { throughput } from './goals/throughput.js';
import { isOnDisk, ROOT } from './place.js';
import { say } from './progress.js';
import { absences, type Absent } from './runner.js';
import { needBuild } from './runners/signalbox.js';
import { textOf, verdictTable } from './table.js';

/** In the order of `npm run bench`. */
const GOALS: Readonly<Record<string, Goal>> = {
  throughput,
  bus,
  makespan,
  chain,
  slope,
  rest,
  start,
  recovery,
};

/** With more of the machine in other hands, what is measured is the others. */
const QUIET_PERCENT = 10;

const USAGE = `Usage: npm run bench -- [options]           every goal in its short form, and one table of all
       npm run bench:<goal> -- [options]    one goal in full

  --rounds N   how often each tool is measured
  --tasks N    for one goal only: how much is measured; see below
  --short      one goal as it is measured by npm run bench
  --json FILE  also write the results there (npm run bench writes them below bench/results if no file is named)
  --help       this

Goals:
${Object.entries(GOALS)
  .map(([name, { number, about, tasks, full }]) => {
    const also = tasks === undefined ? '' : `\n${' '.repeat(18)}--tasks: ${tasks} (${full.tasks})`;
    return `  ${name.padEnd(12)}${number}  ${about}${also}`;
  })
  .join('\n')}

Environment:
  SIGNALBOX_BENCH_PEERS   a folder whose node_modules has the npm peers, instead of bench/peers
  SIGNALBOX_BENCH_FOLDER  where the benches work, instead of the folder for temporary files; on a disk
`;

/** Ends a bench: what is open is taken away by those who listen to the exit. */
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

/** What npm tells its scripts is no part of a user's environment, and is copied for every process that is started. */
for (const name of Object.keys(process.env))
  if (name.startsWith('npm_')) Reflect.deleteProperty(process.env, name);

interface Results {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number | boolean>>;
  readonly sizes: Readonly<Record<string, Size>>;
  readonly seconds: number;
  readonly goals: Readonly<Record<string, Findings>>;
  readonly absent: readonly Absent[];
}

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string' },
    tasks: { type: 'string' },
    json: { type: 'string' },
    short: { type: 'boolean' },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const [named] = positionals;

if (values.help === true) {
  process.stdout.write(USAGE);
} else if (positionals.length > 1 || (named !== undefined && GOALS[named] === undefined)) {
  process.stderr.write(`There is no goal ${positionals.join(' ')}.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  needBuild();
  if (!isOnDisk())
    say('The benches work on a tmpfs, where durability costs nothing: the figures flatter who syncs.');
  const busy = await busyPercent();
  if (busy > QUIET_PERCENT) say(`Other work takes ${busy} % of this machine: the figures will say little.`);
  const results = await measureAll(named === undefined ? Object.keys(GOALS) : [named], busy);
  print(results);
  const file = values.json ?? (named === undefined ? defaultFile(results.at) : undefined);
  if (file !== undefined) write(file, results);
}

function countOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--${name} ${text}: write a whole number from 1`);
  return count;
}

function sizeOf(goal: Goal): Size {
  const { rounds, tasks } = named === undefined || values.short === true ? goal.short : goal.full;
  return {
    rounds: countOf('rounds', values.rounds, rounds),
    tasks: named === undefined ? tasks : countOf('tasks', values.tasks, tasks),
  };
}

async function measureAll(names: readonly string[], busyBefore: number): Promise<Results> {
  const at = new Date().toISOString();
  const began = performance.now();
  const goals: Record<string, Findings> = {};
  const sizes: Record<string, Size> = {};
  for (const name of names) {
    const goal = GOALS[name];
    if (goal === undefined) continue;
    const size = sizeOf(goal);
    sizes[name] = size;
    say(`— ${name} (${goal.number})`);
    goals[name] = await goal.measure(size);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  return { at, machine: { ...machine(), busyBefore }, sizes, seconds, goals, absent: absences() };
}

function machine(): Results['machine'] {
  const all = cpus();
  return {
    processors: all.length,
    model: all[0]?.model ?? '',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    ...{ system: `${process.platform} ${release()}`, node: process.version, onDisk: isOnDisk() },
  };
}

function print({ goals, absent, seconds, machine: { busyBefore } }: Results): void {
  const all = Object.values(goals);
  const tables = [...all.flatMap(each => each.tables), verdictTable(all.flatMap(each => each.verdicts))];
  process.stdout.write(`${tables.map(textOf).join('\n')}\n`);
  for (const { name, remedy } of absent) process.stdout.write(`Left out: ${name}; ${remedy}\n`);
  process.stdout.write(`Measured in ${seconds} s, on a machine that was ${busyBefore} % busy before\n`);
}

function defaultFile(at: string): string {
  return join(ROOT, 'bench', 'results', `${at.replaceAll(/[:.]/g, '-')}.json`);
}

function write(file: string, results: Results): void {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  say(`written to ${path}`);
}
