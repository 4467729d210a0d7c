import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, lstatSync } from 'node:fs';
import { constants as os } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeOrder, type Order } from '../../bus-schema/assignment.js';
import { decodeJson } from '../../bus-schema/codec.js';
import type { ContainmentKind } from '../../bus-schema/containment.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema, type Containment, type ProcessIdentity } from '../../bus-schema/lease.js';
import { AppendFile } from '../../bus-schema/store/append-file.js';
import { unlessShort } from '../../bus-schema/store/errors.js';
import { ensureFolder, removeAll } from '../../bus-schema/store/folder.js';
import { isLocked, tryLock } from '../../bus-schema/store/kernel-lock.js';
import { isRunning, signalProcess } from '../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import { launch } from './containment.js';
import type { Launch } from './launch.js';

/** What a worker's process is started with. */
export interface WorkerHome {
  readonly bus: string;
  /** Where commands run. */
  readonly repo: string;
  readonly heartbeatMs: number;
}

/**
 * The process behind a worker id, as the daemon sees it: started by us, or found running when we came. Detached, in a
 * session of its own and with files for its output, so that it outlives us.
 */
export class WorkerProcess {
  readonly id: WorkerId;
  readonly #home: WorkerHome;
  readonly #orders: AppendFile;
  #identity: ProcessIdentity | undefined;

  private constructor(id: WorkerId, home: WorkerHome, orders: AppendFile) {
    this.id = id;
    this.#home = home;
    this.#orders = orders;
  }

  /**
   * Starts a process. It holds its lock, which it inherits, from its first instant; should an earlier one still hold it,
   * or the system refuse, the answer says why.
   * @param containment what is to hold it together with all that it starts.
   * @param onGone called once when the process has ended, however.
   */
  static start(
    id: WorkerId,
    home: WorkerHome,
    containment: ContainmentKind,
    onGone: (why: string) => void,
  ): WorkerProcess | { readonly why: string } {
    const folder = join(home.bus, layout.worker(id));
    ensureFolder(folder);
    const lock = tryLock(join(home.bus, layout.workerLock(id)));
    if (lock.kind === 'busy') return { why: 'another process still serves under its id' };
    if (lock.kind === 'impossible') return lock;
    let orders: AppendFile | undefined;
    try {
      // What is left of an earlier process: nobody may take it for the new one's.
      removeAll(join(home.bus, layout.workerInfo(id)));
      removeAll(join(home.bus, layout.assignments(id)));
      orders = new AppendFile(join(home.bus, layout.assignments(id)));
      spawnWorker(id, home, launch(containment), lock.fd, onGone);
      return new WorkerProcess(id, home, orders);
    } catch (error) {
      orders?.close();
      throw error;
    } finally {
      // Kept open, it would be we who still serve under the id.
      closeSync(lock.fd);
    }
  }

  /** The process that an earlier daemon started, if it still runs. */
  static adopt(id: WorkerId, home: WorkerHome): WorkerProcess | undefined {
    const { holder } = residenceOf(home.bus, id) ?? {};
    const alive =
      (holder !== undefined && isRunning(holder)) || isLocked(join(home.bus, layout.workerLock(id)));
    if (!alive) return undefined;
    const orders = new AppendFile(join(home.bus, layout.assignments(id)));
    // The earlier daemon may have been killed within a line.
    orders.append('\n');
    return new WorkerProcess(id, home, orders);
  }

  order(order: Order): void {
    this.#orders.append(encodeOrder(order));
  }

  /** Who it is; undefined in the moment before it has said so. */
  get identity(): ProcessIdentity | undefined {
    this.#identity ??= residenceOf(this.#home.bus, this.id)?.holder;
    return this.#identity;
  }

  /** Where the machine is too short of something to look, it is taken to live. */
  get isAlive(): boolean {
    return (
      unlessShort(() => {
        const { identity } = this;
        return identity === undefined
          ? isLocked(join(this.#home.bus, layout.workerLock(this.id)))
          : isRunning(identity);
      }) ?? true
    );
  }

  /** When it last beat, in epoch milliseconds of its file; undefined before the first. */
  get lastBeat(): number | undefined {
    return lstatSync(join(this.#home.bus, layout.heartbeat(this.id)), { throwIfNoEntry: false })?.mtimeMs;
  }

  /** At once, without a chance to end its command: for a process that no longer beats. */
  kill(): void {
    if (this.identity !== undefined) signalProcess(this.identity, 'SIGKILL');
  }

  close(): void {
    this.#orders.close();
  }
}

/** The process that serves or served last under a worker id, and what it is held together by. */
export interface Residence {
  readonly holder: ProcessIdentity;
  readonly containment: Containment;
}

/** What `pid.json` says; undefined where no process of the worker has come so far as to write it. */
export function residenceOf(bus: string, id: WorkerId): Residence | undefined {
  const text = readIfThere(join(bus, layout.workerInfo(id)));
  const lease = text === undefined ? undefined : decodeJson(text, leaseSchema);
  if (lease?.ok !== true) return undefined;
  return { holder: lease.value.holder, containment: lease.value.containment ?? { kind: 'group' } };
}

function spawnWorker(
  id: WorkerId,
  home: WorkerHome,
  { kind, prefix, argument }: Launch,
  lock: number,
  onGone: (why: string) => void,
): void {
  const { O_APPEND, O_CREAT, O_DIRECTORY, O_RDONLY, O_WRONLY } = constants;
  const log = openSync(join(home.bus, layout.workerLog(id)), O_CREAT | O_APPEND | O_WRONLY, 0o600);
  // From within a namespace, our view of the processes.
  const proc = kind === 'namespace' ? [openSync('/proc', O_RDONLY | O_DIRECTORY)] : [];
  try {
    const command = [...prefix, process.execPath, ...workerProgram(), home.bus, id, argument];
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: home.repo,
      detached: true,
      stdio: ['ignore', log, log, lock, ...proc],
      env: { ...process.env, SIGNALBOX_HEARTBEAT_MS: String(home.heartbeatMs) },
    });
    child.once('error', error => {
      onGone(`its process could not be started (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      onGone(`its process ${describeEnd(code, signal)}`);
    });
    child.unref();
  } finally {
    for (const fd of [log, ...proc]) closeSync(fd);
  }
}

/** What stands above a worker tells of a signal by an exit code above 128. */
function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  const name = signal ?? Object.entries(os.signals).find(([, number]) => number + 128 === code)?.[0];
  return name === undefined ? `ended with exit code ${code}` : `was ended by ${name}`;
}

/** The optimizing compiler costs a worker more than it gains, for it does little but wait: a sixth of the time of small commands. */
const FLAGS = ['--no-opt'];

/** Beside us: built when we are built; source, loaded by tsx, when we run from source. */
function workerProgram(): string[] {
  const here = fileURLToPath(import.meta.url);
  const folder = join(dirname(here), '..', '..', 'worker');
  return here.endsWith('.ts')
    ? [...FLAGS, '--import', import.meta.resolve('tsx'), join(folder, 'main.ts')]
    : [...FLAGS, join(folder, 'main.js')];
}
