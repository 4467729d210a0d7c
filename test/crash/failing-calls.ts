import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from '../../daemon/cli/exit-codes.js';
import type { Dice } from '../simulation/dice.js';
import { until } from '../until.js';
import type { CrashCase, Kind } from './kinds.js';
import { CrashRig } from './rig.js';
import { straceObstacle } from './syscall-kill.js';

/** The errors that a disk or a machine in want gives for each call; the n-th call gets one of them in turn. */
const ERRORS = {
  openat: ['EMFILE', 'EIO', 'ENFILE'],
  read: ['EIO'],
  pread64: ['EIO'],
  write: ['ENOSPC', 'EIO'],
  ftruncate: ['EIO'],
  fsync: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  rename: ['ENOSPC', 'EROFS', 'EIO', 'EACCES'],
  link: ['ENOSPC', 'EROFS', 'EIO', 'EACCES'],
  unlink: ['EROFS', 'EIO', 'EACCES'],
  mkdir: ['ENOSPC', 'EROFS', 'EIO', 'EACCES'],
  rmdir: ['EROFS', 'EIO', 'EACCES'],
  getdents64: ['EIO'],
  statx: ['EIO', 'ENOMEM'],
  access: ['EIO', 'EACCES'],
  inotify_add_watch: ['ENOSPC', 'EMFILE'],
  clone: ['EAGAIN', 'ENOMEM'],
  pipe2: ['EMFILE'],
  socketpair: ['EMFILE'],
} as const;
type Call = keyof typeof ERRORS;
const CALLS = Object.keys(ERRORS) as Call[];

/** What a file opened for writing may meet with besides. */
const WRITE_ERRORS = ['ENOSPC', 'EROFS', 'EMFILE'] as const;
/** Calls that are about no file, and count from where the daemon has its bus. */
const ABOUT_PROCESSES: ReadonlySet<Call> = new Set(['clone', 'pipe2', 'socketpair']);

const END_MS = 40_000;
/** Of how a daemon may end, as no user's mistake and no bug. */
const TYPED: ReadonlySet<number> = new Set([EXIT.complete, EXIT.failed, EXIT.usage]);
/** Between Node's own threads and signals nothing fails on any machine; if it does here, the daemon is killed instead. */
const NODES_OWN = /<(anon_inode:(\[eventfd\]|inotify)|pipe:\[\d+\])>/;
const STACK = /internal error|^\s+at /m;

/** The n-th call of its kind that a daemon made, among those about its bus, and how it is written down. */
interface Moment {
  readonly call: Call;
  readonly nth: number;
  readonly error: string;
}

/** Brings a rig so far that the daemon is started whose calls are to fail. */
type Before = (rig: CrashRig) => Promise<void> | void;

const asked: Before = rig => {
  rig.submit();
};

const underWay: Before = async rig => {
  rig.submit();
  await rig.up();
  await until(() => rig.hasBegun(), END_MS, 'the first command');
  await rig.killDaemon();
};

export const failingCalls = kindOf(
  'failures',
  'one system call of the daemon fails, as on a disk that is full, broken or closed to writing',
  asked,
);

export const failingTakeOvers = kindOf(
  'take-overs',
  'one system call fails of a daemon that takes over from one that was killed',
  underWay,
);

function kindOf(name: string, what: string, before: Before): Kind {
  return {
    name,
    what,
    obstacle: straceObstacle,
    some: async function* (dice: Dice, count: number) {
      const moments = await momentsOfARun(before);
      const calls = CALLS.filter(each => moments.some(moment => moment.call === each));
      for (let round = 0; round < count; round++) {
        const call = dice.pick(calls);
        const moment = dice.pick(moments.filter(each => each.call === call));
        if (moment !== undefined) yield await play(moment, before);
      }
    },
    all: async function* () {
      for (const moment of await momentsOfARun(before)) yield await play(moment, before);
    },
  };
}

const aRig = (): CrashRig => new CrashRig({ tasks: 4, seconds: 0.1, retries: 0, tell: 'script' });

/** A run without a failure, and in it all calls that there are to fail. */
async function momentsOfARun(before: Before): Promise<Moment[]> {
  const rig = aRig();
  try {
    await before(rig);
    const calls = traceOf(rig);
    await rig.up(['strace', '-y', '-o', calls, '-e', `trace=${CALLS.map(call => `?${call}`).join()}`]);
    await rig.finish();
    const counts = new Map<Call, number>();
    let begun = false;
    return readFileSync(calls, 'latin1')
      .split('\n')
      .flatMap(line => {
        const call = CALLS.find(each => line.startsWith(`${each}(`));
        if (call === undefined) return [];
        const nth = (counts.get(call) ?? 0) + 1;
        counts.set(call, nth);
        begun ||= line.includes(rig.bus);
        const isOurs = line.includes(rig.bus) || (begun && line.includes('"/proc/'));
        if (!isOurs && !(begun && ABOUT_PROCESSES.has(call))) return [];
        const errors = /O_WRONLY|O_RDWR|O_CREAT/.test(line) ? WRITE_ERRORS : ERRORS[call];
        return [{ call, nth, error: errors[nth % errors.length] ?? 'EIO' }];
      });
  } finally {
    await rig.remove();
  }
}

const traceOf = (rig: CrashRig): string => join(dirname(rig.bus), 'calls');

/**
 * One run of which one call fails, once. Either it goes on by itself or the daemon ends with a word, and the next one, of
 * which nothing fails, goes on.
 */
async function play({ call, nth, error }: Moment, before: Before): Promise<CrashCase> {
  const rig = aRig();
  try {
    await before(rig);
    const calls = traceOf(rig);
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${nth}`];
    const daemon = rig.start(['strace', '-y', '-o', calls, ...inject]);
    let code: number | null | undefined;
    const ended = daemon.ended.then(end => (code = end.code));
    const isNodes = (): boolean => NODES_OWN.test(failedCall(calls) ?? '');
    const hasCome = (): boolean => code !== undefined || rig.isOver() || rig.isRefused() || isNodes();
    await until(hasCome, END_MS, 'an end, or a word');
    if (code === undefined && !isNodes() && rig.isRefused()) {
      rig.submit();
      await until(() => code !== undefined || rig.isOver(), END_MS, 'the end of what was asked for again');
    }
    if (code === undefined && !isNodes()) rig.requestStop();
    await until(() => code !== undefined || isNodes(), END_MS, 'the end of the daemon');
    if (code === undefined) rig.strikeDaemon();
    await ended;
    await rig.bury();
    if (code !== 0) {
      if (!rig.hasRun()) rig.submit();
      await rig.finish();
    }
    const failed = failedCall(calls);
    const wrong = await rig.findings({ once: true });
    const { stderr } = daemon.said;
    if (!isNodes() && STACK.test(stderr)) wrong.push(`it ended with a stack: ${stderr}`);
    if (!isNodes() && !TYPED.has(code ?? -1)) wrong.push(`it ended with ${code}: ${stderr}`);
    const how = code === 0 ? 'it went on' : `it ended: ${stderr.trim().split('\n').at(-1)}`;
    return { name: `${call} ${nth} ${error}: ${failed ?? 'not reached'}: ${how}`, wrong };
  } catch (problem) {
    return {
      name: `${call} ${nth} ${error}: ${failedCall(traceOf(rig)) ?? 'not reached'}`,
      wrong: [String(problem)],
    };
  } finally {
    await rig.remove();
  }
}

/** The call that was made to fail, as it is written down; it may not have come to it. */
function failedCall(calls: string): string | undefined {
  const text = existsSync(calls) ? readFileSync(calls, 'latin1') : '';
  return /^(.*) = -1 .*\(INJECTED\)$/m.exec(text)?.[1]?.trim();
}
