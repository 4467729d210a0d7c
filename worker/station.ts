import type { WorkerId } from '../bus-schema/ids.js';
import type { Enclosure } from './enclosure.js';
import type { Environment } from './environment.js';
import type { ResidentShell } from './resident-shell.js';

/** Where this worker stands: fixed for its life. */
export interface Station {
  /** Absolute path of the bus. */
  readonly bus: string;
  readonly worker: WorkerId;
  readonly enclosure: Enclosure;
  readonly shell: ResidentShell;
  /** What shell commands inherit. */
  readonly shellEnvironment: Environment;
  readonly heartbeatMs: number;
  /** So long without an attempt and without a daemon, and the worker ends. */
  readonly idleExitMs: number;
}
