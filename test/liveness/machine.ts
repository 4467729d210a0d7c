import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema } from '../../bus-schema/lease.js';
import { until } from '../until.js';
import { journalOf, type Background, type Call, type Rig } from '../e2e/rig.js';

/** Beats so fast that three of them are over before the next round. */
export const HASTY = 'heartbeat: 200ms\nbackoff: { first: 10ms }\nkill_grace: 100ms\ncontainment: group\n';

/** A daemon of a rig that holds its bus. */
export async function up(rig: Rig, call: Call = {}): Promise<Background> {
  const daemon = rig.start(['up'], { timeoutMs: 90_000, ...call });
  daemon.ended.catch(() => undefined);
  await until(() => daemon.said.stderr.includes('holds'), 20_000, 'a daemon that is up');
  return daemon;
}

export async function submit(rig: Rig, file: string): Promise<string> {
  const { code, stdout, stderr } = await rig.signalbox(['submit', file]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

export function workerPid(rig: Rig, id: string): number {
  const text = readFileSync(join(rig.bus, layout.workerInfo(id as WorkerId)), 'utf8');
  return leaseSchema.parse(JSON.parse(text)).holder.pid;
}

export const feedOf = (rig: Rig): string => rig.read('.message-bus/queue.jsonl');
export const logOf = (rig: Rig): string => rig.read('.message-bus/daemon.log');

export const endOfRun = (rig: Rig, ms = 40_000): Promise<true> =>
  until(() => feedOf(rig).includes('RUN_COMPLETE') || undefined, ms, 'the end of the run');

/** Stops processes for good; answers when the kernel has. */
export async function freeze(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  for (const pid of pids) await until(() => stateOf(pid) === 'T', 5000, `process ${pid} to stand still`);
}

export function thaw(...pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

/** Waits that the world's own clock goes on, which is what is to be held against nobody. */
export async function letPass(ms: number): Promise<void> {
  const since = performance.now();
  await until(() => performance.now() - since > ms, ms + 10_000);
}

/** How often each task was started, by the journal. */
export function startsIn(rig: Rig): Record<string, number> {
  const starts: Record<string, number> = {};
  for (const { facts } of journalOf(rig.bus))
    for (const fact of facts)
      if (fact.type === 'AttemptStarted') starts[fact.task] = (starts[fact.task] ?? 0) + 1;
  return starts;
}

export const filesIn = (folder: string): string[] => readdirSync(folder);

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '';
}
