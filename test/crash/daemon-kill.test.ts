import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { RunId } from '../../bus-schema/ids.js';
import { replay } from '../../daemon/replay.js';
import { judge } from '../oracle/journal-oracle.js';
import { freshFolder } from '../fresh-folder.js';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';

const PROGRAM = join(ROOT, 'dist', 'daemon', 'cli', 'main.js');
const KILLS = 20;
const SEED = Number(process.env.CRASH_SEED ?? 20_261_121);

let repo: ReturnType<typeof freshFolder>;
let bus: string;
let daemon: ChildProcess | undefined;

beforeEach(() => {
  repo = freshFolder();
  bus = join(repo.path, '.message-bus');
});
afterEach(async () => {
  daemon?.kill('SIGKILL');
  await signalbox('up', '--detach');
  await signalbox('down', '--now');
  repo.remove();
});

describe(`a daemon killed at ${KILLS} random instants (CRASH_SEED=${SEED})`, () => {
  test('interrupts no command, loses no outcome and starts nothing twice', async () => {
    writePlan();
    await up();
    expect(await signalbox('submit', 'plan.json')).toBe(0);
    const random = dice(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise(resolve => setTimeout(resolve, 5 + random() * 250));
      await killDaemon();
      await up();
    }
    const run = await until(finishedRun, 60_000, 'the end of the run');
    expect(await signalbox('down')).toBe(0);

    const past = replay(bus, () => true);
    if (!past.ok) throw new Error(past.error.message);
    const verdict = judge(past.value.kept, run);
    expect(verdict.violations).toEqual([]);
    expect([...verdict.started.values()].every(starts => starts === 1)).toBe(true);
    const witness = readFileSync(join(repo.path, 'witness'), 'utf8').trim().split('\n').sort();
    const begun = witness.filter(line => line.startsWith('begin ')).map(line => line.slice(6));
    const ended = witness.filter(line => line.startsWith('end ')).map(line => line.slice(4));
    expect(new Set(begun).size).toBe(begun.length);
    expect(ended).toEqual(begun);
    expect(begun).toHaveLength(TASKS);
    expect(await signalbox('doctor')).toBe(0);
  }, 120_000);
});

const TASKS = 60;

/** Three chains and a shared file, each command witnessing its attempt at its beginning and its end. */
function writePlan(): void {
  const command =
    'echo "begin $SIGNALBOX_ATTEMPT_ID" >> witness; sleep 0.35; echo "end $SIGNALBOX_ATTEMPT_ID" >> witness';
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    id: `t${index}`,
    command,
    retries: 0,
    depends_on: index < 3 ? [] : [`t${index - 3}`],
    ...(index % 5 === 0 ? { files: ['shared.txt'] } : {}),
  }));
  writeFileSync(join(repo.path, 'plan.json'), JSON.stringify({ signalbox: 1, name: 'kill', tasks }));
}

async function up(): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--bus', bus], {
    cwd: repo.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  daemon = child;
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes('holds') || child.exitCode !== null, 20_000, 'a daemon that is up');
  if (child.exitCode !== null) throw new Error(`the daemon did not start: ${said}`);
}

async function killDaemon(): Promise<void> {
  const child = daemon;
  if (child === undefined) return;
  const gone = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function signalbox(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--bus', bus], {
    cwd: repo.path,
    stdio: 'ignore',
  });
  return new Promise(resolve => child.once('exit', code => resolve(code ?? -1)));
}

function finishedRun(): RunId | undefined {
  if (!existsSync(join(bus, layout.journal))) return undefined;
  const past = replay(bus);
  const [run] = past.ok ? past.value.state.runs.values() : [];
  return run?.ended === undefined ? undefined : run.id;
}

/** A small generator (mulberry32), so that a run can be repeated. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
