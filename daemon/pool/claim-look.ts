import { join } from 'node:path';
import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';
import { layout } from '../../bus-schema/layout.js';
import {
  claimSchema,
  processIdentitySchema,
  type Claim,
  type ProcessIdentity,
} from '../../bus-schema/lease.js';
import { takeClaim } from '../../bus-schema/store/claim-file.js';
import { isSameProcess, ownIdentity } from '../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import type { Attempt, Fate } from '../ports.js';

/** What a claim file says; its holder and command are unknown while its maker writes, or when it died writing. */
export interface ClaimLook {
  readonly holder: ProcessIdentity | undefined;
  readonly command: ProcessIdentity | undefined;
}

const commandLine = z.strictObject({ command: processIdentitySchema });

/** The claim on an attempt; undefined when nobody has taken it. */
export function lookAtClaim(bus: string, attempt: Attempt): ClaimLook | undefined {
  const text = readIfThere(join(bus, layout.claim(attempt.node.run.id, attempt.id)));
  if (text === undefined) return undefined;
  const [first = '', ...notes] = text.split('\n');
  const claim = decodeJson(first, claimSchema);
  const commands = notes.flatMap(note => {
    const decoded = note === '' ? undefined : decodeJson(note, commandLine);
    return decoded?.ok === true ? [decoded.value.command] : [];
  });
  return { holder: claim.ok ? claim.value.holder : undefined, command: commands.at(-1) };
}

/**
 * What became of an attempt, by its claim and the worker that serves under its worker's id, if one does. Another process
 * may serve under the id by now; the claim says which one took the attempt.
 */
export function fateFrom(
  claim: Pick<ClaimLook, 'holder'> | undefined,
  serving: { readonly identity: ProcessIdentity | undefined } | undefined,
): Fate {
  if (claim === undefined) return 'unclaimed';
  if (serving === undefined) return 'orphaned';
  const [holder, { identity }] = [claim.holder, serving];
  const replaced = holder !== undefined && identity !== undefined && !isSameProcess(holder, identity);
  return replaced ? 'orphaned' : 'alive';
}

/** Takes an attempt away from whoever has not claimed it yet: its command is then never started. */
export function revoke(bus: string, attempt: Attempt): 'revoked' | 'claimed' {
  const claim: Claim = { attempt: attempt.id, token: attempt.token, by: 'daemon', holder: ownIdentity() };
  const answer = takeClaim(join(bus, layout.claim(attempt.node.run.id, attempt.id)), JSON.stringify(claim));
  return answer === 'taken-by-us' ? 'revoked' : 'claimed';
}
