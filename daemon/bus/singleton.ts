import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../bus-schema/codec.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema, type Lease } from '../../bus-schema/lease.js';
import { tryLock } from '../../bus-schema/store/kernel-lock.js';
import { isRunning, ownIdentity } from '../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';

/** Who has just taken the lock says who it is within a moment. */
const PATIENCE_MS = 300;
const LOOK_AGAIN_MS = 10;

/** The right to be this bus's daemon: a kernel lock, held while this process lives. */
export type Mastery =
  | OwnMastery
  | { readonly kind: 'busy'; readonly holder: Lease | undefined }
  | { readonly kind: 'impossible'; readonly why: string };

export interface OwnMastery {
  readonly kind: 'ours';
  readonly release: () => void;
  /** `status` and `doctor` are to say that nothing is watched, and why. */
  readonly tellPolling: (why: string) => void;
}

export function becomeDaemon(bus: string, version: string): Mastery {
  const attempt = tryLock(join(bus, layout.daemonLock));
  if (attempt.kind === 'busy') return { kind: 'busy', holder: holderLease(bus) };
  if (attempt.kind === 'impossible') return attempt;
  const lease: Lease = { holder: ownIdentity(), version, startedAt: new Date().toISOString() };
  const tell = (info: Lease): void => {
    replaceFile(bus, join(bus, layout.daemonInfo), `${JSON.stringify(info)}\n`, { durable: false });
  };
  tell(lease);
  return {
    kind: 'ours',
    tellPolling: why => {
      tell({ ...lease, polling: why });
    },
    release: () => {
      closeSync(attempt.fd);
    },
  };
}

/** Who has the lock; undefined where nobody says so who lives: an earlier daemon's word is not about the one that has it now. */
function holderLease(bus: string): Lease | undefined {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    const lease = daemonLease(bus);
    if (lease !== undefined && isRunning(lease.holder)) return lease;
    if (waited >= PATIENCE_MS) return undefined;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
  }
}

/** Who is, or was last, this bus's daemon. Only the lock says whether it still is. */
function daemonLease(bus: string): Lease | undefined {
  const text = readIfThere(join(bus, layout.daemonInfo));
  const lease = text === undefined ? undefined : decodeJson(text, leaseSchema);
  return lease?.ok === true ? lease.value : undefined;
}
