import { join } from 'node:path';
import type { Config } from '../bus-schema/config.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import { FeedFile } from './bus/feed-file.js';
import { lastFedSeq } from './last-fed.js';
import { layout } from '../bus-schema/layout.js';
import type { Lease } from '../bus-schema/lease.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { ownVersion } from '../bus-schema/store/own-version.js';
import { bootId } from '../bus-schema/store/process-identity.js';
import { checkBus, createBus, type BusPlace } from './bus/open-bus.js';
import { becomeDaemon } from './bus/singleton.js';
import { Daemon } from './daemon.js';
import { containmentSetting } from './settings.js';
import { replay } from './replay.js';

export interface DaemonOptions {
  readonly place: BusPlace;
  readonly config: Config;
  /** Attempts at once, over all runs. */
  readonly maxParallel: number;
  /** A run is submitted as soon as the daemon is there. */
  readonly expectsWork?: boolean;
}

export type StartFault =
  | { readonly kind: 'unusable'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'busy'; readonly holder: Lease | undefined };

/**
 * Takes a bus and starts its daemon, with all that an earlier one left: in the order in which nothing can go wrong twice.
 * Nothing is written before the lock is ours, nothing acted on before the journal is read.
 */
export function startDaemon({
  place,
  config,
  maxParallel,
  expectsWork = false,
}: DaemonOptions): Result<Daemon, StartFault> {
  const { bus } = place;
  const checked = checkBus(bus);
  if (!checked.ok) return unusable(checked.error);
  const containment = containmentSetting(config, bus);
  if (!containment.ok) return unusable(containment.error);
  const created = createBus(bus);
  if (!created.ok) return unusable(created.error);
  const version = ownVersion();
  const mastery = becomeDaemon(bus, version);
  if (mastery.kind === 'busy') return fail(mastery);
  if (mastery.kind === 'impossible') {
    return unusable({
      severity: 'error',
      file: join(bus, layout.daemonLock),
      message: `the bus cannot be locked: ${mastery.why}`,
    });
  }
  const feed = new FeedFile(bus);
  const fed = lastFedSeq(feed);
  const past = replay(bus, record => record.seq > fed);
  if (!past.ok) {
    feed.close();
    mastery.release();
    return unusable(past.error);
  }
  const daemon = new Daemon(place, { ...config, containment: containment.value }, feed, past.value, mastery);
  daemon.begin({ bootId: bootId(), pid: process.pid, version, maxParallel }, expectsWork);
  return ok(daemon);
}

function unusable(diagnostic: Diagnostic): Result<never, StartFault> {
  return fail({ kind: 'unusable', diagnostics: [diagnostic] });
}
