import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync, writeSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '../fresh-folder.js';
import { until } from '../until.js';

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

/** Why no file system can be broken here; undefined when one can. */
export function whyNoBreakableDisk(): string | undefined {
  const { path, remove } = freshFolder();
  try {
    new BreakableDisk(join(path, 'disk'), join(path, 'image')).remove();
    return undefined;
  } catch (error) {
    return `no ext4 can be mounted here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    remove();
  }
}

/** Why nothing can be run here as another user who can read a file; undefined when it can. */
export function whyNoOtherUser(user: number, file: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may change the user';
  const args = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--', 'test', '-r', file];
  return spawnSync('setpriv', args).status === 0 ? undefined : `user ${user} cannot read ${file}`;
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

/** A disk that can break as real ones do: its file system is closed to writing at once, whoever has files of it open. */
export class BreakableDisk {
  readonly #image: string;
  readonly #path: string;

  constructor(path: string, image: string) {
    this.#image = image;
    this.#path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    execFileSync('truncate', ['-s', '64M', image]);
    execFileSync('mkfs.ext4', ['-q', '-F', image]);
    this.#mount();
  }

  /** What was written long ago is on it; what comes is lost. */
  break(): void {
    execFileSync('sync', ['-f', this.#path]);
    execFileSync('mount', ['-o', 'remount,abort', this.#path]);
  }

  /** As after the machine's next boot: nobody may have a file of it open, or will have when the killed are gone. */
  async repair(): Promise<void> {
    const isUnmounted = (): boolean => spawnSync('umount', [this.#path]).status === 0;
    await until(isUnmounted, 20_000, `nobody with a file of ${this.#path}`);
    // Mounted while the broken one is not quite gone, it would be that one again.
    const isGone = (): boolean => execFileSync('losetup', ['-j', this.#image], { encoding: 'utf8' }) === '';
    await until(isGone, 20_000, `the end of ${this.#image}`);
    // 1: errors were corrected.
    const { status } = spawnSync('e2fsck', ['-p', this.#image]);
    if (status !== 0 && status !== 1) throw new Error(`e2fsck ended with ${status}`);
    this.#mount();
  }

  remove(): void {
    spawnSync('umount', ['--lazy', this.#path]);
  }

  #mount(): void {
    execFileSync('mount', ['-o', 'loop,errors=remount-ro', this.#image, this.#path]);
  }
}

/** Makes calls of processes that run already fail, all of them from now on. */
export async function failCalls(
  pids: readonly number[],
  calls: readonly string[],
  error: string,
): Promise<{ readonly end: () => Promise<void> }> {
  const named = calls.map(call => `?${call}`).join();
  const args = pids.flatMap(pid => ['-p', String(pid)]);
  const inject = ['-e', `trace=${named}`, '-e', `inject=${named}:error=${error}`];
  const strace = spawn('strace', ['-f', '-o', '/dev/null', ...inject, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>(resolve => strace.once('close', () => resolve()));
  await until(() => pids.every(pid => said.includes(`Process ${pid} attached`)), 10_000, `strace: ${said}`);
  return {
    end: () => {
      strace.kill('SIGINT');
      return ended;
    },
  };
}
