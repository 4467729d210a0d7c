import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import { isReady, makeReady } from './admit.js';
import type { Run, State } from './state.js';

/** Adds to a decision what follows when the tasks it ends were the last of their wave, or of the run. */
export function closing(run: Run, facts: readonly Fact[]): readonly Fact[] {
  const ends = facts.flatMap(fact => (fact.type === 'TaskEnded' ? [fact] : []));
  if (ends.length === 0) return facts;
  if (ends.length === run.open)
    return [...facts, { type: 'RunEnded', run: run.id, verdict: verdictOf(run, facts) }];
  const wave = nextWave(run, ends);
  return wave === undefined ? facts : [...facts, wave];
}

function verdictOf(run: Run, facts: readonly Fact[]): 'PASS' | 'FAIL' | 'STOPPED' {
  if (run.stopping !== undefined || facts.some(fact => fact.type === 'RunStopping')) return 'STOPPED';
  const { failed, skipped, cancelled } = run.tally;
  const good =
    failed + skipped + cancelled === 0 &&
    facts.every(fact => fact.type !== 'TaskEnded' || fact.end.kind === 'complete');
  return good ? 'PASS' : 'FAIL';
}

/** The first wave behind the present one that still has tasks, once the present one has none. */
function nextWave(run: Run, ends: readonly FactOf<'TaskEnded'>[]): FactOf<'WaveStarted'> | undefined {
  if (run.waves === undefined) return undefined;
  const ending = new Set(ends.map(fact => fact.task));
  const left = [...run.waves.open];
  for (const id of ending) {
    const wave = run.byId.get(id)?.wave ?? 0;
    left[wave] = (left[wave] ?? 0) - 1;
  }
  if ((left[run.waves.current] ?? 0) > 0) return undefined;
  const wave = left.findIndex(count => count > 0);
  if (wave === -1) return undefined;
  const completing = new Set(ends.flatMap(({ task, end }) => (end.kind === 'complete' ? [task] : [])));
  const unblocks = run.nodes.flatMap(node =>
    node.wave === wave &&
    node.status.kind === 'waiting' &&
    !ending.has(node.task.id) &&
    node.blockers === node.task.dependsOn.filter(id => completing.has(id)).length
      ? [node.task.id]
      : [],
  );
  return { type: 'WaveStarted', run: run.id, wave, unblocks };
}

export function startWave(run: Run, fact: FactOf<'WaveStarted'>): void {
  if (run.waves === undefined) throw new Error(`Internal error: run ${run.id} has no waves`);
  run.waves.current = fact.wave;
  for (const node of run.nodes) if (isReady(node)) makeReady(node);
}

export function endRun(state: State, fact: FactOf<'RunEnded'>, record: JournalRecord): void {
  const run = state.runs.get(fact.run);
  if (run === undefined) return;
  run.ended = { verdict: fact.verdict, at: record.at, wall: record.wall };
  state.active.delete(run);
}
