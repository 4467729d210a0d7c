import { join } from 'node:path';
import type { StartOrder } from '../bus-schema/assignment.js';
import { layout } from '../bus-schema/layout.js';
import type { Claim, ProcessIdentity } from '../bus-schema/lease.js';
import { noteInClaim, takeClaim } from '../bus-schema/store/claim-file.js';
import { errorCode } from '../bus-schema/store/errors.js';
import { log } from './log.js';
import type { Station } from './station.js';

/**
 * `taken`: by us, and nobody will ever take it again. `not-ours`: taken before, or its run is gone. `hindered`: the disk
 * or a limit is in the way, so it is still open to anyone. `unwritten`: ours, but without its content.
 */
export type ClaimAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'not-ours' }
  | { readonly kind: 'hindered'; readonly why: string }
  | { readonly kind: 'unwritten'; readonly why: string };

/** Tries to take an attempt. */
export function claimAttempt(station: Station, order: StartOrder): ClaimAnswer {
  const { run, attempt, token } = order;
  const claim: Claim = { attempt, token, by: 'worker', holder: station.enclosure.own };
  try {
    const answer = takeClaim(join(station.bus, layout.claim(run, attempt)), JSON.stringify(claim));
    return { kind: answer === 'taken-by-us' ? 'taken' : 'not-ours' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (errorCode(error) === 'ENOENT') return { kind: 'not-ours' };
    return { kind: isAboutOpening(error) ? 'hindered' : 'unwritten', why };
  }
}

/**
 * Adds to the claim which process its command is, so that a daemon can end its group when this worker is dead. In a
 * namespace it has a number that the daemon would take for another's, and ends with the worker anyway.
 */
export function noteCommand(station: Station, order: StartOrder, command: ProcessIdentity): void {
  if (station.enclosure.containment.kind === 'namespace') return;
  try {
    noteInClaim(join(station.bus, layout.claim(order.run, order.attempt)), JSON.stringify({ command }));
  } catch (error) {
    // The mark in its environment finds it as well.
    log('warn', 'cannot note the command in its claim', { attempt: order.attempt, error });
  }
}

function isAboutOpening(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'open';
}
