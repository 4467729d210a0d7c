import type { WorkerId } from '../bus-schema/ids.js';
import type { Enclosure } from './enclosure.js';

/** Where this worker stands: fixed for its life. */
export interface Station {
  /** Absolute path of the bus. */
  readonly bus: string;
  readonly worker: WorkerId;
  readonly enclosure: Enclosure;
  readonly heartbeatMs: number;
  /** So long without an attempt and without a daemon, and the worker ends. */
  readonly idleExitMs: number;
}
