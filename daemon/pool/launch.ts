import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainmentKind } from '../../bus-schema/containment.js';
import { unreachable } from '../../bus-schema/result.js';

/** How a worker is started so that it and all it starts are held together. */
export interface Launch {
  readonly kind: ContainmentKind;
  /** Stands before the worker's own command line. */
  readonly prefix: readonly string[];
  /** The worker's last argument, by which it knows what it is in. */
  readonly argument: string;
}

/** Begins the names of our control groups. */
export const CGROUP_PREFIX = 'signalbox-';

/** Prepares the start of one worker. Throws what the system says when a control group cannot be made. */
export function launchAs(kind: ContainmentKind, cgroup: string | undefined): Launch {
  switch (kind) {
    case 'cgroup': {
      if (cgroup === undefined) throw new Error('there is no control group to make another below');
      const folder = join(cgroup, `${CGROUP_PREFIX}${randomBytes(6).toString('hex')}`);
      mkdirSync(folder);
      return { kind, prefix: shim(CGROUP_SHIM, folder), argument: `cgroup:${folder}` };
    }
    case 'reaper':
      return { kind, prefix: [...BECOME_REAPER, ...shim(REAPER_SHIM)], argument: kind };
    case 'namespace':
      return { kind, prefix: ['unshare', ...unshareFlags(), '--', ...shim(INIT_SHIM)], argument: kind };
    case 'group':
      return { kind, prefix: [], argument: kind };
    default:
      return unreachable(kind);
  }
}

/**
 * Each shim stands above its worker, inherits the worker's kernel lock, and when the worker has ended, however it did, ends
 * all that is left before it goes itself. So what a dead worker leaves is gone without a daemon, and while the lock is held
 * something of the worker lives.
 */
const shim = (script: string, ...args: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  script,
  'signalbox-shim',
  ...args,
];

const IGNORE = `trap '' TERM HUP INT\n`;
/** Its own programs are to be found whatever PATH the worker has. */
const FIND_PROGRAMS = 'PATH=$PATH:/usr/bin:/bin';
/** Not every sleep takes parts of a second; without any, to go on would only heat. */
const PAUSE = 'sleep 0.05 || sleep 1 || exit $code';

/** Stands outside of the group, in which the worker is from before its first instant. */
const CGROUP_SHIM = `${IGNORE}group=$1; shift
(echo 0 > "$group/cgroup.procs" && exec "$@"); code=$?
${FIND_PROGRAMS}
until rmdir "$group" || find "$group" -depth -type d -exec rmdir {} + || ! [ -d "$group" ]; do
  if [ -e "$group/cgroup.kill" ]; then echo 1 > "$group/cgroup.kill"
  else
    echo 1 > "$group/cgroup.freeze"
    find "$group" -name cgroup.procs -exec cat {} + | while read -r pid; do kill -9 "$pid"; done
    echo 0 > "$group/cgroup.freeze"
  fi
  ${PAUSE}
done 2>/dev/null
exit $code`;

/** Children of its own can have no stranger's number: it is this very process that collects them. */
const REAPER_SHIM = `${IGNORE}"$@" & worker=$!
wait $worker; code=$?
${FIND_PROGRAMS}
while :; do
  left=; read -r left < /proc/$$/task/$$/children
  [ -n "$left" ] || exit $code
  kill -9 $left
  ${PAUSE}
done 2>/dev/null`;

/** The first process of its namespace: the kernel ends all others with it. */
const INIT_SHIM = '"$@" & wait $!';

/** Of `prctl`, by the machine's architecture. */
const PRCTL: Partial<Record<NodeJS.Architecture, number>> = {
  ...{ x64: 157, ia32: 172, arm64: 167, arm: 172 },
  ...{ riscv64: 167, loong64: 167, ppc64: 171, s390x: 172 },
};
const PR_SET_CHILD_SUBREAPER = 36;

/** Node has no call for it; what it sets stays with the process when another program takes its place. */
const BECOME_REAPER: readonly string[] = [
  'perl',
  '-e',
  `syscall(${PRCTL[process.arch] ?? -1}, ${PR_SET_CHILD_SUBREAPER}, 1, 0, 0, 0) == 0 or die "prctl: $!"; exec { $ARGV[0] } @ARGV`,
];

/** As the user that we are: agents refuse to go unattended as root. Root needs no namespace of users, which would take rights away. */
function unshareFlags(): string[] {
  const users = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'];
  return [...users, '--pid', '--fork', '--kill-child', '--mount-proc'];
}
