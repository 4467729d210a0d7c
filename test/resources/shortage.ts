import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync, writeSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** Why a file system cannot be mounted here; undefined when it can. */
export function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  });
  return tried.status === 0 ? undefined : `no tmpfs can be mounted here: ${tried.stderr}`;
}

/** Why calls cannot be made to fail here; undefined when they can. */
export function whyNoStrace(): string | undefined {
  const tried = spawnSync('strace', ['-e', 'trace=none', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : 'strace is not to be had, or may not trace';
}

/** Why a process that runs already cannot be held in its calls here; undefined when it can. */
export function whyNoAttaching(): string | undefined {
  const script =
    'sleep 5 & one=$!; strace -o /dev/null -p $one 2>&1 | { read -r said; kill $one; echo "$said"; }';
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  return stdout.includes('attached') ? undefined : `strace cannot attach to a process: ${stdout}`;
}

/** Says once why tests are left out. */
export const unless = (why: string | undefined, what: string): boolean => {
  if (why !== undefined) process.stderr.write(`left out: ${what}: ${why}\n`);
  return why === undefined;
};

/** A small disk of its own. */
export class SmallDisk {
  readonly path: string;

  constructor(path: string, options: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', path]);
  }

  /** Fills it to the last byte. */
  fill(): void {
    const fd = openSync(join(this.path, 'filling'), 'w');
    const block = Buffer.alloc(4096);
    try {
      for (;;) writeSync(fd, block);
    } catch {
      // full
    } finally {
      closeSync(fd);
    }
  }

  /** Leaves no name to be given. */
  useUpNames(): void {
    mkdirSync(join(this.path, 'names'));
    try {
      for (let number = 0; ; number++) writeFileSync(join(this.path, 'names', String(number)), '');
    } catch {
      // none left
    }
  }

  makeRoom(): void {
    rmSync(join(this.path, 'filling'), { force: true });
    rmSync(join(this.path, 'names'), { force: true, recursive: true });
  }

  mode(options: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.path]);
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path]);
  }
}
