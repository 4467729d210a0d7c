import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { AttemptId } from '../../bus-schema/ids.js';
import type { MessageType } from '../../bus-schema/message.js';
import { unreachable } from '../../bus-schema/result.js';
import type { State } from '../scheduler/state.js';

type LockFact = FactOf<
  | 'LocksTaken'
  | 'LocksAwaited'
  | 'LocksReleased'
  | 'DeadlockResolved'
  | 'OutsideLockTaken'
  | 'OutsideLockReleased'
>;

type Line = readonly [MessageType, Record<string, unknown>];

/** The feed's lines about locks that no plan declares, one for each path. */
export function lockLines(state: State, fact: LockFact, record: JournalRecord): Line[] {
  switch (fact.type) {
    case 'LocksTaken':
      return fact.paths.map(filepath => [
        'FILE_LOCK',
        { ...whose(fact), filepath, lock_type: 'write', expires_at: fact.until },
      ]);
    case 'LocksAwaited':
      return [['BLOCKED', { ...whose(fact), ...heldBy(state, fact.holder), resource: fact.path }]];
    case 'LocksReleased':
      return [
        ...fact.paths.map((filepath): Line => ['FILE_UNLOCK', { ...whose(fact), filepath }]),
        ...fact.withdrawn.map((filepath): Line => [
          'FILE_UNLOCK',
          { ...whose(fact), filepath, withdrawn: true },
        ]),
      ];
    case 'DeadlockResolved': {
      const cycle = fact.cycle.map(id => taskOf(state, id));
      return [['DEADLOCK_RESOLVED', { ...whose(fact), cycle, victim: fact.task, action: 'released_locks' }]];
    }
    case 'OutsideLockTaken':
      return [
        [
          'FILE_LOCK',
          {
            worker_id: fact.worker,
            filepath: fact.path,
            lock_type: 'write',
            expires_at: new Date(Date.parse(record.wall) + fact.expiresAt - record.at).toISOString(),
          },
        ],
      ];
    case 'OutsideLockReleased':
      return [['FILE_UNLOCK', { worker_id: fact.worker, filepath: fact.path, reason: fact.why }]];
    default:
      return unreachable(fact);
  }
}

function whose(fact: Extract<Fact, { attempt: AttemptId; worker: unknown }>): Record<string, unknown> {
  const { run, task, attempt, worker } = fact;
  return { run_id: run, task_id: task, worker_id: worker, attempt_id: attempt };
}

function heldBy(state: State, holder: string): Record<string, unknown> {
  const task = taskOf(state, holder);
  return { waiting_for: holder, ...(task === holder ? {} : { holder_task: task }) };
}

/** The task of an attempt that may be long over: its id says where it stands in its plan. */
function taskOf(state: State, attempt: string): string {
  const [, run = '', ordinal = ''] = /^(.*)\.(\d+)\.\d+$/.exec(attempt) ?? [];
  for (const each of state.runs.values())
    if (each.id === run) return each.nodes[Number(ordinal)]?.task.id ?? attempt;
  return attempt;
}
