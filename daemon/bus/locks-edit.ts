import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';

/** What another program says of a path in `locks.json`. */
export interface LockEntry {
  readonly path: RepoPath;
  readonly worker: string;
  readonly task: string | undefined;
  /** Our own entries name it, and copies of them. */
  readonly run: string | undefined;
  /** Epoch milliseconds, where it says so in a way that can be understood. */
  readonly acquiredAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export interface LocksEdit {
  readonly entries: readonly LockEntry[];
  /** Entries that mean nothing, and why. */
  readonly refused: readonly string[];
}

const LONGEST_NAME = 200;
const name = z.string().min(1).max(LONGEST_NAME);

const fullEntry = z.object({
  worker_id: name,
  task_id: name.optional().catch(undefined),
  run_id: name.optional().catch(undefined),
  acquired_at: z.unknown().optional(),
  expires_at: z.unknown().optional(),
});
type FullEntry = z.infer<typeof fullEntry>;

/** Either the worker alone, or an object; the forms differ, so all but the worker may be missing. */
const entrySchema = z.union([name.transform((worker): FullEntry => ({ worker_id: worker })), fullEntry]);

/** The entries of a rewritten `locks.json`; undefined for text that is no JSON object (yet). */
export function readLocksEdit(text: string): LocksEdit | undefined {
  const decoded = decodeJson(text, z.record(z.string(), z.unknown()));
  if (!decoded.ok) return undefined;
  const entries = new Map<RepoPath, LockEntry>();
  const refused: string[] = [];
  for (const [key, value] of Object.entries(decoded.value)) {
    const path = parseRepoPath(key);
    const entry = entrySchema.safeParse(value);
    if (!path.ok) refused.push(path.error);
    else if (!entry.success) refused.push(`the entry of "${key}" names no worker`);
    else entries.set(path.value, entryOf(path.value, entry.data));
  }
  return { entries: [...entries.values()], refused };
}

function entryOf(path: RepoPath, said: FullEntry): LockEntry {
  const { worker_id: worker, task_id: task, run_id: run, acquired_at, expires_at } = said;
  return { path, worker, task, run, acquiredAt: instantOf(acquired_at), expiresAt: instantOf(expires_at) };
}

/** A time that names no zone is UTC: so the source system writes it. */
function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const hasZone = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(value);
  const at = Date.parse(hasZone ? value : `${value}Z`);
  return Number.isNaN(at) ? undefined : at;
}
