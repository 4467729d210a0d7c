import { spawnSync } from 'node:child_process';
import type { Dice } from '../simulation/dice.js';
import { until } from '../until.js';
import type { CrashCase, Kind } from './kinds.js';
import { CrashRig } from './rig.js';

/** The calls by which something becomes durable or visible. `?`: not every machine has each of them. */
const CALLS = [
  'fsync',
  'fdatasync',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'ftruncate',
] as const;
type Call = (typeof CALLS)[number];

/** More of one call than a run of this size makes. */
const LIKELY = 12;
const END_MS = 60_000;

export function straceObstacle(): string | undefined {
  const args = ['-o', '/dev/null', '-e', 'inject=fsync:signal=SIGKILL', 'true'];
  const tried = spawnSync('strace', args, { encoding: 'utf8' });
  if (tried.status === 0) return undefined;
  return tried.error === undefined ? `strace is not permitted: ${tried.stderr.trim()}` : 'there is no strace';
}

export const syscallKills: Kind = {
  name: 'syscalls',
  what: 'the daemon, and then the one that follows it, is killed just before its n-th fsync, rename …',
  obstacle: straceObstacle,
  some: async function* (dice: Dice, count: number) {
    for (let round = 0; round < count; round++) {
      const call = dice.pick(['fsync', 'fdatasync', 'rename'] as const) ?? 'rename';
      yield (await play(call, dice.between(1, LIKELY))).seen;
    }
  },
  all: async function* () {
    for (const call of CALLS) {
      for (let nth = 1; ; nth++) {
        const { seen, killed } = await play(call, nth);
        yield seen;
        if (!killed) break;
      }
    }
  },
};

/**
 * One run whose daemon is killed before a certain call, and killed there once more when it is started again: a recovery
 * may be cut short too. Only its main thread is followed: the workers are processes of their own, and what must be
 * durable is done on that thread.
 */
async function play(call: Call, nth: number): Promise<{ seen: CrashCase; killed: boolean }> {
  const rig = new CrashRig({ tasks: 4, seconds: 0.05, retries: 0, tell: 'script' });
  try {
    rig.submit();
    const killed = await isKilled(rig, call, nth);
    if (killed && (await isKilled(rig, call, nth))) await rig.finish();
    const wrong = await rig.findings({ once: true });
    return { seen: { name: `${call} ${nth}${killed ? '' : ' (not reached)'}`, wrong }, killed };
  } finally {
    await rig.remove();
  }
}

/** Lets a daemon live until its call, or until the run is over and it has ended in order. */
async function isKilled(rig: CrashRig, call: Call, nth: number): Promise<boolean> {
  const inject = ['-e', `trace=?${call}`, '-e', `inject=?${call}:signal=SIGKILL:when=${nth}`];
  const daemon = await rig.up(['strace', '-o', '/dev/null', ...inject]);
  let code: number | null | undefined;
  const ended = daemon.ended.then(end => (code = end.code));
  await until(() => code !== undefined || rig.isOver(), END_MS, 'the end of the run or of the daemon');
  if (code === undefined) rig.requestStop();
  await ended;
  await rig.bury();
  return code !== 0;
}
