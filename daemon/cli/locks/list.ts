import { printable } from '../../../bus-schema/printable.js';
import { heldLocks, type HeldLock } from '../../projections/held-locks.js';
import { holderName } from '../../scheduler/lock.js';
import { waitOf } from '../../scheduler/run-lock.js';
import type { Attempt, State } from '../../scheduler/state.js';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { lookAtBus } from '../sight.js';
import { busFlags } from '../task-events.js';
import { out, outJson, refuse } from '../terminal.js';

/** `signalbox lock list`: who holds which file, and which task waits for one while it runs. */
export function list(flags: JsonFlags): Promise<number> {
  const sight = lookAtBus(busFlags(flags));
  if (!sight.ok) return Promise.resolve(refuse([sight.error]));
  const { state } = sight.value;
  const locks = heldLocks(state);
  if (flags.json === true)
    outJson({ locks: locks.map(jsonOf), waiting: [...state.waiting].map(each => waitJson(state, each)) });
  else out(textOf(state, locks));
  return Promise.resolve(EXIT.complete);
}

function jsonOf({ path, kind, worker, attempt, access, since, expires }: HeldLock): object {
  return {
    path,
    kind,
    access,
    worker,
    ...(attempt === undefined
      ? {}
      : { task: attempt.node.task.id, run: attempt.node.run.id, attempt: attempt.id }),
    since,
    expires,
  };
}

function waitJson(state: State, attempt: Attempt): object {
  const conflict = waitOf(state, attempt);
  return {
    task: attempt.node.task.id,
    run: attempt.node.run.id,
    attempt: attempt.id,
    worker: attempt.worker,
    paths: attempt.wants?.paths ?? [],
    ...(conflict === undefined ? {} : { waiting_for: conflict.path, holder: holderName(conflict) }),
  };
}

function textOf(state: State, locks: readonly HeldLock[]): string {
  const rows = locks.map(({ path, kind, worker, attempt, access, since, expires }) => [
    printable(path, 80),
    printable(worker, 60),
    attempt?.node.task.id ?? '-',
    printable(since, 24),
    expires,
    access === 'read' ? 'read' : kind === 'declared' ? '' : kind,
  ]);
  const waits = [...state.waiting].map(attempt => {
    const conflict = waitOf(state, attempt);
    const held = conflict === undefined ? '' : `, held by ${printable(holderName(conflict), 80)}`;
    const paths = printable((attempt.wants?.paths ?? []).join(', '), 200);
    return `${attempt.node.task.id} (${attempt.worker}) waits for ${paths}${held}`;
  });
  if (rows.length + waits.length === 0) return 'nobody holds a file\n';
  const table = rows.length === 0 ? [] : [['path', 'worker', 'task', 'since', 'expires', ''], ...rows];
  return [...columns(table), ...waits].map(line => `${line}\n`).join('');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map(row =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
