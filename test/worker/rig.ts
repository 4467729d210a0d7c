import { spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encodeOrder, type StartOrder } from '../../bus-schema/assignment.js';
import type { ContainmentKind } from '../../bus-schema/containment.js';
import type { AttemptId, RunId, TaskId, Token, WorkerId } from '../../bus-schema/ids.js';
import { BUS_FOLDERS, layout } from '../../bus-schema/layout.js';
import { leaseSchema, type Lease } from '../../bus-schema/lease.js';
import { messageSchema } from '../../bus-schema/message.js';
import { exitSchema, outcomeSchema, type Exit, type Outcome } from '../../bus-schema/outcome.js';
import { endTree } from '../../bus-schema/store/end-tree.js';
import { tryLock } from '../../bus-schema/store/kernel-lock.js';
import { ownIdentity, signalProcess } from '../../bus-schema/store/process-identity.js';
import { launch } from '../../daemon/pool/containment.js';
import { until } from '../until.js';

export const WORKER = 'worker-1' as WorkerId;
const TOKEN = '0123456789abcdef0123456789abcdef' as Token;

/** What a worker told of an attempt, read from its event file through the schemas. */
export interface Told {
  readonly file: string;
  readonly source: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
  readonly exit: Exit | undefined;
}

/** A bus made by hand, and a real worker process on it. */
export class Rig {
  /** The repo's root; the bus is in it. */
  readonly root = mkdtempSync(join(tmpdir(), 'signalbox-worker-'));
  readonly bus = join(this.root, '.message-bus');
  /** Its own name, since processes are found by it, whichever bus they belong to. */
  readonly run = `run-${randomBytes(6).toString('hex')}` as RunId;
  readonly #orders: StartOrder[] = [];
  #worker: ChildProcess | undefined;
  #exit: Promise<number | string> | undefined;

  constructor() {
    for (const folder of [...BUS_FOLDERS, layout.attempts(this.run), layout.worker(WORKER)]) {
      mkdirSync(join(this.bus, folder), { recursive: true });
    }
    writeFileSync(this.path(layout.assignments(WORKER)), '');
    const holder = ownIdentity();
    writeFileSync(this.path(layout.daemonInfo), JSON.stringify({ holder, version: '0', startedAt: '' }));
  }

  path(relative: string): string {
    return join(this.bus, relative);
  }

  /** Starts the worker; what is given comes on top of this process's environment. */
  start(environment: Readonly<Record<string, string>> = {}, containment: ContainmentKind = 'group'): this {
    const log = openSync(this.path(layout.workerLog(WORKER)), 'a', 0o600);
    // As the daemon hands its lock on: held for the worker's life.
    const lock = tryLock(this.path(layout.workerLock(WORKER)));
    if (lock.kind !== 'held') throw new Error(`another worker of this bus: ${lock.kind}`);
    const proc = openSync('/proc', 'r');
    const main = resolve('worker/main.ts');
    const { prefix, argument } = launch(containment);
    const command = [...prefix, process.execPath, '--import', 'tsx', main, this.bus, WORKER, argument];
    const [program = '', ...args] = command;
    // What tells the tests where something is, is nothing that a command should see.
    const machine = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('SIGNALBOX_')),
    );
    this.#worker = spawn(program, args, {
      env: { ...machine, NODE_OPTIONS: '', SIGNALBOX_HEARTBEAT_MS: '100', ...environment },
      detached: true,
      stdio: ['ignore', log, log, lock.fd, ...(containment === 'namespace' ? [proc] : [])],
    });
    closeSync(log);
    closeSync(lock.fd);
    closeSync(proc);
    const worker = this.#worker;
    this.#exit = new Promise(done => worker.once('exit', (code, signal) => done(code ?? String(signal))));
    return this;
  }

  /** The worker's exit code, or the signal that ended it. */
  async exit(): Promise<number | string> {
    return this.#exit ?? 'never started';
  }

  signal(signal: NodeJS.Signals): void {
    this.#worker?.kill(signal);
  }

  /** What the worker says of itself, once it does. */
  async lease(): Promise<Lease> {
    const text = await until(() => this.read(layout.workerInfo(WORKER)));
    return leaseSchema.parse(JSON.parse(text));
  }

  get workerPid(): number {
    return this.#worker?.pid ?? 0;
  }

  /** An order to start; a task named `t<n>` is the plan's n-th, and each order a new attempt of it. */
  order(task: string, work: string | StartOrder['work'], more: Partial<StartOrder> = {}): StartOrder {
    const number = this.#orders.filter(order => order.task === task).length + 1;
    const order: StartOrder = {
      do: 'start',
      run: this.run,
      task: task as TaskId,
      attempt: `${this.run}.${task.slice(1)}.${number}` as AttemptId,
      number,
      token: TOKEN,
      work: typeof work === 'string' ? { kind: 'shell', command: work } : work,
      cwd: this.root,
      files: [],
      env: {},
      timeoutMs: 60_000,
      settleGraceMs: 200,
      killGraceMs: 200,
      logCapBytes: 1_000_000,
      ...more,
    };
    this.#orders.push(order);
    return order;
  }

  append(text: string | Uint8Array): void {
    appendFileSync(this.path(layout.assignments(WORKER)), text);
  }

  /** Orders an attempt. */
  send(task: string, work: string | StartOrder['work'], more: Partial<StartOrder> = {}): StartOrder {
    const order = this.order(task, work, more);
    this.append(encodeOrder(order));
    return order;
  }

  stop(
    order: StartOrder,
    reason: 'timeout' | 'stalled' | 'cancelled' | 'stopped' | 'reported',
    afterMs = 0,
    accepted?: Outcome,
  ): void {
    this.append(
      encodeOrder({
        do: 'stop',
        attempt: order.attempt,
        reason,
        afterMs,
        ...(accepted === undefined ? {} : { accepted }),
      }),
    );
  }

  /** Settles when the worker has taken all orders that were sent: it answers a later one. */
  async ordersTaken(): Promise<void> {
    const last = this.send('t999', 'true');
    this.stop(last, 'cancelled');
    await this.told(last);
  }

  /** What the worker tells of an attempt, once it does. */
  async told(order: StartOrder, deadlineMs?: number): Promise<Told> {
    return until(() => this.toldAlready(order), deadlineMs, `the report of ${order.attempt}`).catch(
      (error: unknown) => {
        throw new Error(
          `${String(error)}; the worker says: ${readFileSync(this.path(layout.workerLog(WORKER)), 'utf8')}`,
        );
      },
    );
  }

  toldAlready({ task, attempt }: StartOrder): Told | undefined {
    for (const stem of [`TASK_COMPLETE_${task}`, `TASK_FAILED_${task}`]) {
      for (const file of [`${stem}.event`, `${stem}@${attempt}.event`]) {
        const text = this.read(layout.event(file));
        if (text?.includes(`"attempt_id":"${attempt}"`) !== true) continue;
        const { source, payload } = messageSchema.parse(JSON.parse(text));
        const exit = payload.exit === undefined ? undefined : exitSchema.parse(payload.exit);
        return { file, source, payload, exit, outcome: outcomeSchema.parse(payload.outcome) };
      }
    }
    return undefined;
  }

  output(order: StartOrder): string {
    return this.read(layout.attemptLog(order.run, order.attempt)) ?? '';
  }

  /** Content of a file of the bus, or undefined. */
  read(relative: string): string | undefined {
    return existsSync(this.path(relative)) ? readFileSync(this.path(relative), 'utf8') : undefined;
  }

  /** A file at the repo's root, once a command has written it with at least a line. */
  async written(name: string): Promise<string> {
    const path = join(this.root, name);
    return until(() => {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      return text.endsWith('\n') && text;
    });
  }

  /** Ends the worker and all it started. */
  async dispose(): Promise<void> {
    const lease = this.read(layout.workerInfo(WORKER));
    // What stands above it goes when it is gone.
    if (lease !== undefined) signalProcess(leaseSchema.parse(JSON.parse(lease)).holder, 'SIGKILL');
    else this.#worker?.kill('SIGKILL');
    if (this.#worker !== undefined) await this.#exit;
    for (const { attempt } of this.#orders) await endTree({ attempt, termGraceMs: 0 });
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Whether a process with this number runs (a zombie does not). */
export function lives(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** `R`, `S`, `T` …: what the kernel says a process does; undefined when there is none. */
export function stateOf(pid: number): string | undefined {
  try {
    return /\) ([A-Z])/i.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
