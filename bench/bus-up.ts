import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RunId } from '../bus-schema/ids.js';
import { BUS_NAME, layout } from '../bus-schema/layout.js';
import { until } from '../test/until.js';
import { atExit } from './at-exit.js';
import { SLOTS, type Dag } from './dags.js';
import { newFolder } from './place.js';
import { planText, signalbox, type PlanOptions } from './runners/signalbox.js';
import { wholeProcess } from './whole-process.js';

const LOOK_MS = 1;
const LONGEST_START_MS = 20_000;
/** Long enough that a second task comes before the first is done, and so on to the last worker. */
const WARM_COMMAND = 'sleep 0.05';

const ended = z.object({ verdict: z.string(), counts: z.object({ complete: z.number() }) });

export interface BusOptions {
  /** Called when the bus is there, before its daemon. */
  readonly before?: (bus: string) => Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A bus with a daemon that is up, in a folder of its own. Whoever opens it closes it. */
export class BusUp {
  readonly folder: string;
  readonly bus: string;
  readonly daemon: ChildProcess;
  #count = 0;

  private constructor(folder: string, daemon: ChildProcess) {
    this.folder = folder;
    this.bus = join(folder, BUS_NAME);
    this.daemon = daemon;
  }

  static async open({ before, env = {} }: BusOptions = {}): Promise<BusUp> {
    const folder = newFolder();
    const bus = join(folder, BUS_NAME);
    await wholeProcess({ argv: signalbox('init'), cwd: folder });
    await before?.(bus);
    const [program = '', ...args] = signalbox('up', '--max-parallel', String(SLOTS));
    const daemon = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' });
    // A bench that is interrupted leaves no daemon; its workers end when their bus is gone.
    daemon.once(
      'exit',
      atExit(() => daemon.kill('SIGKILL')),
    );
    await until(() => existsSync(join(bus, layout.daemonInfo)), LONGEST_START_MS, 'the daemon');
    return new BusUp(folder, daemon);
  }

  /** One whose workers have all been started, by a run before. */
  static async warm(options: BusOptions = {}): Promise<BusUp> {
    const up = await BusUp.open(options);
    await up.run({
      name: 'warm',
      steps: Array.from({ length: SLOTS * 4 }, (_, index) => ({
        ...{ id: `w${index}`, deps: [], command: WARM_COMMAND, ms: 0 },
      })),
    });
    return up;
  }

  /** Milliseconds from the request that is dropped until the run's report is there. */
  async run(dag: Dag, options: PlanOptions & { readonly name?: string } = {}): Promise<number> {
    const { run, began } = this.submit(dag, options);
    const report = join(this.bus, layout.reportJson(run));
    while (!existsSync(report)) {
      if (this.daemon.exitCode !== null) throw new Error(`the daemon ended with ${this.daemon.exitCode}`);
      await sleep(LOOK_MS);
    }
    const ms = performance.now() - began;
    const { verdict, counts } = ended.parse(JSON.parse(readFileSync(report, 'utf8')));
    if (verdict !== 'PASS' || counts.complete !== dag.steps.length)
      throw new Error(`run ${run} ended with ${verdict}, ${counts.complete} of ${dag.steps.length} complete`);
    return ms;
  }

  /** The request as the command line would make it, without its process. */
  submit(
    dag: Dag,
    { name = `b${this.#count}`, ...options }: PlanOptions & { readonly name?: string } = {},
  ): { readonly run: RunId; readonly began: number } {
    const id = `n${this.#count++}`;
    const plan = join(this.folder, `${id}.json`);
    writeFileSync(plan, planText(name, dag, options));
    const staged = join(this.bus, layout.staging, `${id}.bench`);
    writeFileSync(staged, JSON.stringify({ id, do: 'submit', plan, options: {} }), { mode: 0o600 });
    const began = performance.now();
    renameSync(staged, join(this.bus, layout.command(id)));
    return { run: `${name}-${id}` as RunId, began };
  }

  async close(): Promise<void> {
    if (this.daemon.exitCode === null && this.daemon.signalCode === null) {
      const gone = once(this.daemon, 'exit');
      await wholeProcess({ argv: signalbox('down', '--now'), cwd: this.folder });
      await gone;
    }
  }
}
