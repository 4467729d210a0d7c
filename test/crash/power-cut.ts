import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '../fresh-folder.js';
import type { Dice } from '../simulation/dice.js';
import { until } from '../until.js';
import type { Kind } from './kinds.js';
import { CrashRig, signal } from './rig.js';

const RETRIES = 50;
const CUTS = 2;
/** Enough that the doctor does not complain of it; next to nothing of that is ever written. */
const IMAGE_BYTES = 1024 ** 3;

/** Puts a file of ours where the kernel says which boot this is, for the program that follows and what it starts. */
const UNDER_BOOT_ID = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';

export const powerCuts: Kind = {
  name: 'power-cut',
  what: 'what a disk would hold after a power cut: the bus goes on from a copy of its file system’s image',
  obstacle: () => {
    const disk = new Disk();
    try {
      disk.make();
      const tried = spawnSync('unshare', disk.underBootId('true'), { encoding: 'utf8' });
      return tried.status === 0 ? undefined : `the boot cannot be feigned: ${tried.stderr}`;
    } catch (error) {
      return `a file system cannot be mounted: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      disk.remove();
    }
  },
  some: async function* (dice, count) {
    for (let round = 1; round <= count; round++)
      yield { name: `power-cut ${round}`, wrong: await play(dice) };
  },
};

async function play(dice: Dice): Promise<string[]> {
  const disk = new Disk();
  disk.make();
  // Nothing outlives a power cut, whatever holds it; the control groups of this machine would.
  const rig = new CrashRig({
    tasks: 9,
    seconds: 0.15,
    retries: RETRIES,
    tell: 'program',
    config: 'containment: group\n',
    bus: join(disk.place, 'bus'),
    through: ['unshare', ...disk.underBootId()],
  });
  try {
    disk.sync();
    await rig.up();
    await rig.submitted();
    for (let cut = 0; cut < CUTS && !rig.isOver(); cut++) {
      await new Promise(resolve => setTimeout(resolve, dice.upTo(1500)));
      for (const pid of rig.everybody()) signal(pid, 'SIGSTOP');
      disk.copy();
      await until(() => endAll(rig), 10_000, 'the end of all processes');
      await rig.bury();
      disk.mountCopy();
      await rig.up();
    }
    await rig.finish();
    return await rig.findings({ once: false });
  } finally {
    await rig.remove();
    disk.remove();
  }
}

function endAll(rig: CrashRig): boolean {
  const left = rig.everybody();
  for (const pid of left) signal(pid);
  return left.length === 0;
}

/** A file system of its own in a file: what it has not written there is lost with it. */
class Disk {
  readonly #folder = freshFolder();
  readonly place = join(this.#folder.path, 'mounted');
  readonly #bootId = join(this.#folder.path, 'boot-id');
  #image = join(this.#folder.path, 'image-0');
  #copies = 0;

  make(): void {
    mkdirSync(this.place);
    this.#newBoot();
    must('truncate', '-s', String(IMAGE_BYTES), this.#image);
    must('mkfs.ext4', '-q', '-F', this.#image);
    this.#mount();
  }

  /** Arguments of `unshare` by which a program is run as in this disk's boot of the machine. */
  underBootId(...command: string[]): string[] {
    return ['--mount', 'sh', '-c', UNDER_BOOT_ID, this.#bootId, ...command];
  }

  /** What was put there before the program began counts as written. */
  sync(): void {
    must('sync', '-f', this.place);
  }

  copy(): void {
    must('cp', '--sparse=always', this.#image, join(this.#folder.path, `image-${this.#copies + 1}`));
  }

  mountCopy(): void {
    must('umount', this.place);
    this.#copies++;
    this.#image = join(this.#folder.path, `image-${this.#copies}`);
    this.#newBoot();
    this.#mount();
  }

  remove(): void {
    spawnSync('umount', [this.place]);
    this.#folder.remove();
  }

  #newBoot(): void {
    writeFileSync(this.#bootId, `${randomUUID()}\n`);
  }

  #mount(): void {
    must('mount', '-o', 'loop', this.#image, this.place);
  }
}

function must(program: string, ...args: string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
