import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../../bus-schema/command.js';
import { BUS_FOLDERS, layout } from '../../bus-schema/layout.js';
import { ensureFolder } from '../../bus-schema/store/folder.js';
import { ATTEMPT_MARK, allPids } from '../../bus-schema/store/marker-scan.js';
import { replay } from '../../daemon/replay.js';
import { endAllOf, processesOf, workersOf } from '../e2e/leftovers.js';
import { PROGRAM, Rig, type Background, type Call } from '../e2e/rig.js';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';
import { crashTasks, type CrashTask } from './plan.js';
import { verdictOn, type Demands } from './verdict.js';

const UP_MS = 20_000;
const END_MS = 90_000;
/** Named in the request, so that asking twice is asking once. */
const REQUEST = 'crash';

/** A short first pause, so that what was lost comes again soon, and quick graces. */
const CONFIG =
  'backoff: { first: 20ms, longest: 100ms }\nsettle_grace: 1s\nkill_grace: 500ms\nheartbeat: 1s\n';

export interface CrashSetting {
  readonly tasks: number;
  /** How long a command takes. */
  readonly seconds: number;
  readonly retries: number;
  /** Whether tasks tell their completion by the program, which makes it durable, or by a script, which need not. */
  readonly tell: 'program' | 'script';
  /** Lines of the bus's config beside those of every crash test. */
  readonly config?: string;
  /** Where the bus is; the repo's own place without it. */
  readonly bus?: string;
  /** What stands before each call of the program. */
  readonly through?: readonly string[];
}

/** A run whose processes are ended by force, and everything that can be looked at afterwards. */
export class CrashRig {
  readonly #rig = new Rig();
  readonly bus: string;
  readonly #tasks: readonly CrashTask[];
  readonly #through: readonly string[];
  #daemon: Background | undefined;
  #seen = -1;
  #over = false;

  constructor({ bus, through = [], tell, config = '', ...shape }: CrashSetting) {
    this.bus = bus ?? this.#rig.bus;
    this.#through = through;
    const told =
      tell === 'script'
        ? `sh '${join(ROOT, 'scripts', 'emit.sh')}' TASK_COMPLETE "$SIGNALBOX_TASK_ID"`
        : `'${process.execPath}' '${PROGRAM}' complete`;
    this.#tasks = crashTasks({ ...shape, witness: join(this.#rig.repo, 'witness'), tell: told });
    this.#rig.plan('plan.json', this.#tasks);
    ensureFolder(this.bus);
    for (const folder of BUS_FOLDERS) ensureFolder(join(this.bus, folder));
    writeFileSync(join(this.bus, layout.config), CONFIG + config, { mode: 0o600 });
  }

  /** Asks for the run, by a file, whether or not there is a daemon. */
  submit(): void {
    rmSync(join(this.bus, layout.answer(REQUEST)), { force: true });
    this.#request({ do: 'submit', plan: join(this.#rig.repo, 'plan.json'), options: {}, id: REQUEST });
  }

  /** Asks for the run and waits until that is answered: from then on it must not be lost. */
  async submitted(): Promise<void> {
    const { code, stderr } = await this.#call('submit', 'plan.json');
    if (code !== 0) throw new Error(`the submission was refused: ${stderr}`);
  }

  /** Starts the daemon; answers when it holds the bus, or has ended before that. */
  async up(through: readonly string[] = []): Promise<Background> {
    const daemon = this.start(through);
    let over = false;
    daemon.ended.then(
      () => (over = true),
      () => (over = true),
    );
    await until(() => daemon.said.stderr.includes('holds') || over, UP_MS, 'a daemon that is up');
    return daemon;
  }

  /** Starts the daemon, and does not wait for a word of it. */
  start(through: readonly string[] = []): Background {
    const call: Call = { timeoutMs: END_MS, through: [...this.#through, ...through] };
    this.#daemon = this.#rig.start(['up', '--bus', this.bus], call);
    return this.#daemon;
  }

  async killDaemon(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon === undefined) return;
    daemon.kill('SIGKILL');
    await daemon.ended;
  }

  /** Kills the daemon, and what it was started through; its end is to be waited for. */
  strikeDaemon(): void {
    for (const pid of this.everybody())
      if (textOf(`/proc/${pid}/cmdline`).split('\0').includes('up')) signal(pid);
  }

  /** Process ids of the workers. */
  workers(): number[] {
    return workersOf(this.bus).map(({ pid }) => pid);
  }

  /** Process ids of the commands that run, and of all they started. */
  commands(): number[] {
    return allPids().filter(pid => {
      const environment = textOf(`/proc/${pid}/environ`).split('\0');
      return (
        environment.includes(`SIGNALBOX_BUS=${this.bus}`) &&
        environment.some(each => each.startsWith(`${ATTEMPT_MARK}=`))
      );
    });
  }

  everybody(): number[] {
    return processesOf(this.bus).map(({ pid }) => pid);
  }

  isOver(): boolean {
    const size = this.#journalSize();
    if (size !== this.#seen) this.#over = this.#hasEnded();
    this.#seen = size;
    return this.#over;
  }

  /** Whether a command of the run has begun. */
  hasBegun(): boolean {
    return this.#rig.lines('witness').length > 0;
  }

  /** Whether the run was taken in. */
  hasRun(): boolean {
    const past = replay(this.bus);
    return past.ok && past.value.state.runs.size > 0;
  }

  /** Whether the user was told that the run cannot be taken in. */
  isRefused(): boolean {
    const answer = textOf(join(this.bus, layout.answer(REQUEST)));
    return answer.includes('"ok":false');
  }

  /** Starts the daemon again if it is gone, sees the run to its end, and ends the daemon in order. */
  async finish(): Promise<void> {
    if (this.#daemon === undefined) await this.up();
    await until(() => this.isOver(), END_MS, 'the end of the run');
    await this.#down();
  }

  /** One that was asked to end before it was killed remembers that. */
  async #down(): Promise<void> {
    const { code, stderr } = await this.#call('down');
    if (code !== 0 && !stderr.includes('no daemon')) throw new Error(`the daemon did not end: ${stderr}`);
    await this.bury();
  }

  /** Asks the daemon to end, and does not wait. */
  requestStop(): void {
    this.#request({ do: 'stop', mode: 'drain', id: 'end' });
  }

  /** Forgets a daemon that something else has ended. */
  async bury(): Promise<void> {
    await this.#daemon?.ended;
    this.#daemon = undefined;
  }

  /** Everything that is wrong now that the run is over and the daemon has ended. */
  async findings(demands: Demands): Promise<string[]> {
    const wrong: string[] = [];
    const doctor = await this.#call('doctor');
    if (doctor.code !== 0) wrong.push(`doctor: ${doctor.stdout}${doctor.stderr}`);
    const alive = await this.#remaining();
    if (alive.length > 0) wrong.push(`processes of the run are left: ${alive.join(', ')}`);
    const past = replay(this.bus, () => true);
    if (!past.ok) return [...wrong, `${past.error.file}: ${past.error.message}`];
    return [...wrong, ...verdictOn(past.value.kept, this.#rig.lines('witness'), this.#tasks, demands)];
  }

  async remove(): Promise<void> {
    await endAllOf(this.bus);
    await this.#rig.remove();
  }

  #journalSize(): number {
    const folder = join(this.bus, layout.journal);
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  }

  #hasEnded(): boolean {
    const past = replay(this.bus);
    const runs = past.ok ? [...past.value.state.runs.values()] : [];
    return runs.length > 0 && runs.every(run => run.ended !== undefined);
  }

  async #remaining(): Promise<number[]> {
    try {
      await until(() => this.everybody().length === 0, 10_000, 'the end of all processes');
      return [];
    } catch {
      return this.everybody();
    }
  }

  #request(command: Command): void {
    const made = join(this.bus, layout.staging, `${command.id}.json`);
    writeFileSync(made, JSON.stringify(command), { mode: 0o600 });
    renameSync(made, join(this.bus, layout.command(command.id)));
  }

  #call(...args: string[]): ReturnType<Rig['signalbox']> {
    return this.#rig.signalbox([...args, '--bus', this.bus], { timeoutMs: END_MS, through: this.#through });
  }
}

/** Signals a process; one that is gone already is as good. */
export function signal(pid: number, name: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone between the look and the signal
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone, or not ours to read
  }
}
