import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerSchema } from '../../bus-schema/command.js';
import { layout } from '../../bus-schema/layout.js';
import type { RunReport } from '../../bus-schema/report.js';
import type { RunId } from '../../bus-schema/ids.js';
import { Rig, type Background } from '../e2e/rig.js';
import { freshFolder } from '../fresh-folder.js';
import { until } from '../until.js';

export const isRoot = process.getuid?.() === 0;
/** A user who is not the one that runs the tests. */
export const NOBODY = 65534;

/** Whether devices can be made here. */
export const canMakeDevices = ((): boolean => {
  if (!isRoot) return false;
  const { path, remove } = freshFolder();
  const { status } = spawnSync('mknod', [join(path, 'zero'), 'c', '1', '5']);
  remove();
  return status === 0;
})();

/** More brackets than any parser should be given. */
export const DEEP = '['.repeat(100_000);

/** What could change every object of the program, if it were put into one carelessly. */
export const POLLUTION =
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"payload":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","hasOwnProperty":"x"}}';

/** A bus with a daemon that runs a task until it is let go, and everything else that comes in the meantime. */
export class HostileRig extends Rig {
  #daemon: Background | undefined;
  #asked = 0;

  get daemon(): Background {
    if (this.#daemon === undefined) throw new Error('no daemon was started');
    return this.#daemon;
  }

  async up(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const daemon = this.start(['up', '--max-parallel', '4'], { timeoutMs: 600_000, env });
    this.#daemon = daemon;
    // It is killed at the end of the test.
    daemon.ended.catch(() => undefined);
    await until(
      () => daemon.said.stderr.includes('holds'),
      20_000,
      `a daemon that is up: ${daemon.said.stderr}`,
    );
  }

  /** A run with one task that goes on until it is let go. */
  async hold(task = 'gate'): Promise<RunId> {
    const command = `until [ -e go-${task} ]; do sleep 0.05; done`;
    this.plan('held.json', [{ id: task, command, files: ['held/'] }]);
    const { stdout, stderr } = await this.signalbox(['submit', 'held.json']);
    if (stdout === '') throw new Error(stderr);
    const run = stdout.trim() as RunId;
    await until(
      () => this.read('.message-bus/queue.jsonl').includes('WORKER_DISPATCHED'),
      20_000,
      'its start',
    );
    return run;
  }

  /** Lets the task go on, and waits for the run's end. */
  async release(run: RunId, task = 'gate', deadlineMs = 30_000): Promise<RunReport> {
    writeFileSync(join(this.repo, `go-${task}`), '');
    await until(() => existsSync(join(this.bus, layout.reportJson(run))), deadlineMs, `the end of ${run}`);
    return this.report(run);
  }

  /** Asks the daemon something, and waits for its answer: it goes on, and whatever came before has been looked at. */
  async answers(): Promise<void> {
    const id = `still-there-${this.#asked++}`;
    const staged = join(this.bus, layout.staging, id);
    writeFileSync(staged, JSON.stringify({ id, do: 'set-limit', maxParallel: 4 }));
    execFileSync('mv', [staged, join(this.bus, layout.command(id))]);
    const answer = join(this.bus, layout.answer(id));
    await until(() => existsSync(answer), 20_000, `an answer: ${this.daemon.said.stderr}`);
    answerSchema.parse(JSON.parse(readFileSync(answer, 'utf8')));
    rmSync(answer);
  }

  /** The reasons of what is in quarantine. */
  reasons(): string[] {
    const folder = join(this.bus, layout.quarantine);
    return readdirSync(folder)
      .filter(name => name.endsWith('.reason'))
      .sort()
      .map(name => readFileSync(join(folder, name), 'utf8'));
  }

  /** Waits until something was put into quarantine for this reason. */
  quarantined(reason: RegExp): Promise<string> {
    return until(
      () => this.reasons().find(each => reason.test(each)),
      20_000,
      `${String(reason)} in ${this.reasons().join('')}`,
    );
  }
}

export function fifo(path: string): void {
  execFileSync('mkfifo', [path]);
}
