import { spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeOrder, type Order } from '../../bus-schema/assignment.js';
import { decodeJson } from '../../bus-schema/codec.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema, type ProcessIdentity } from '../../bus-schema/lease.js';
import { AppendFile } from '../../bus-schema/store/append-file.js';
import { ensureFolder, removeAll } from '../../bus-schema/store/folder.js';
import { isLocked, tryLock } from '../../bus-schema/store/kernel-lock.js';
import { isRunning } from '../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';

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
   * @param onGone called once when the process has ended, however.
   */
  static start(
    id: WorkerId,
    home: WorkerHome,
    onGone: (why: string) => void,
  ): WorkerProcess | { readonly why: string } {
    const folder = join(home.bus, layout.worker(id));
    ensureFolder(folder);
    const lock = tryLock(join(home.bus, layout.workerLock(id)));
    if (lock.kind === 'busy') return { why: 'another process still serves under its id' };
    if (lock.kind === 'impossible') return lock;
    // What is left of an earlier process: nobody may take it for the new one's.
    removeAll(join(home.bus, layout.workerInfo(id)));
    removeAll(join(home.bus, layout.assignments(id)));
    const orders = new AppendFile(join(home.bus, layout.assignments(id)));
    const log = openSync(
      join(home.bus, layout.workerLog(id)),
      constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY,
      0o600,
    );
    try {
      const child = spawn(process.execPath, [...workerProgram(), home.bus, id], {
        cwd: home.repo,
        detached: true,
        stdio: ['ignore', log, log, lock.fd],
        env: { ...process.env, SIGNALBOX_HEARTBEAT_MS: String(home.heartbeatMs) },
      });
      child.once('error', error => {
        onGone(`its process could not be started (${error.message})`);
      });
      child.once('exit', (code, signal) => {
        onGone(
          signal === null ? `its process ended with exit code ${code}` : `its process was ended by ${signal}`,
        );
      });
      child.unref();
    } finally {
      closeSync(log);
      closeSync(lock.fd);
    }
    return new WorkerProcess(id, home, orders);
  }

  /** The process that an earlier daemon started, if it still runs. */
  static adopt(id: WorkerId, home: WorkerHome): WorkerProcess | undefined {
    if (!existsSync(join(home.bus, layout.worker(id)))) return undefined;
    const holder = holderOf(home.bus, id);
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
    this.#identity ??= holderOf(this.#home.bus, this.id);
    return this.#identity;
  }

  get isAlive(): boolean {
    const { identity } = this;
    return identity === undefined
      ? isLocked(join(this.#home.bus, layout.workerLock(this.id)))
      : isRunning(identity);
  }

  /** When it last beat, in epoch milliseconds of its file; undefined before the first. */
  get lastBeat(): number | undefined {
    return statSync(join(this.#home.bus, layout.heartbeat(this.id)), { throwIfNoEntry: false })?.mtimeMs;
  }

  /** At once, without a chance to end its command: for a process that no longer beats. */
  kill(): void {
    const { identity } = this;
    if (identity !== undefined && isRunning(identity)) process.kill(identity.pid, 'SIGKILL');
  }

  close(): void {
    this.#orders.close();
  }
}

function holderOf(bus: string, id: WorkerId): ProcessIdentity | undefined {
  const text = readIfThere(join(bus, layout.workerInfo(id)));
  const lease = text === undefined ? undefined : decodeJson(text, leaseSchema);
  return lease?.ok === true ? lease.value.holder : undefined;
}

/** Beside us: built when we are built; source, loaded by tsx, when we run from source. */
function workerProgram(): string[] {
  const here = fileURLToPath(import.meta.url);
  const folder = join(dirname(here), '..', '..', 'worker');
  return here.endsWith('.ts')
    ? ['--import', import.meta.resolve('tsx'), join(folder, 'main.ts')]
    : [join(folder, 'main.js')];
}
