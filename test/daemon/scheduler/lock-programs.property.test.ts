import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptId, RunId } from '../../../bus-schema/ids.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import type { LockMessage } from '../../../daemon/scheduler/message.js';
import { judge } from '../../oracle/journal-oracle.js';
import { aPlan, SchedulerRig } from './rig.js';

const PATHS = ['a', 'b', 'c', 'src', 'src/x', 'src/*'] as RepoPath[];

const steps = fc.array(
  fc.record({
    what: fc.nat({ max: 19 }),
    whom: fc.nat({ max: 20 }),
    paths: fc.subarray(PATHS, { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 60 },
);
const files = fc.array(fc.subarray(PATHS, { maxLength: 2 }), { minLength: 3, maxLength: 6 });

/** What is going on in the state, on the outside of it. */
function happen(
  rig: SchedulerRig,
  { what, whom, paths }: { what: number; whom: number; paths: RepoPath[] },
): void {
  const attempts = [...rig.state.attempts.keys()];
  const attempt = attempts[whom % Math.max(attempts.length, 1)] ?? ('none.0.1' as AttemptId);
  if (what < 10) rig.say({ type: 'LocksAsked', attempt, paths });
  else if (what < 11) rig.say({ type: 'LocksAsked', attempt, paths, claimed: true, as: `foreign-${whom}` });
  else if (what < 13) rig.say({ type: 'LocksGivenBack', attempt, paths });
  else if (what < 14) rig.say({ type: 'LocksGivenBack', attempt, paths: 'all' });
  else if (what < 15) rig.say({ type: 'LocksGivenBack', attempt, paths, withdraw: true });
  else if (what < 16) rig.say(outside(rig, `outside-${whom % 2}`, paths));
  else if (what < 17)
    rig.say({ type: 'OutsideLocksGone', worker: `outside-${whom % 2}`, paths, why: 'released' });
  else if (what < 18) end(rig, attempt);
  else if (what < 19) rig.say({ type: 'Exited', attempt, outcome: { kind: 'complete' } });
  else rig.say({ type: 'Cancel', run: 'run-1' as RunId });
}

function outside(rig: SchedulerRig, worker: string, [path = 'a' as RepoPath]: RepoPath[]): LockMessage {
  return { type: 'OutsideLockSeen', worker, path, expiresAt: rig.at + 5000, acquiredWall: '' };
}

/** Its processes are gone: as it was told to end, or for a reason of its own. */
function end(rig: SchedulerRig, attempt: AttemptId): void {
  const stopping = rig.state.attempts.get(attempt)?.stopping;
  const reason = stopping === 'deadlock' || stopping === 'conflict' ? stopping : 'exit';
  rig.say({ type: 'Exited', attempt, outcome: { kind: 'failed', reason, message: 'ended' } });
}

/** Whoever runs and does not wait comes to its end; nobody may be left who waits for ever. */
function finish(rig: SchedulerRig): void {
  for (let step = 0; step < 300 && rig.state.active.size > 0; step++) {
    rig.at += 400_000;
    rig.say({ type: 'Tick' });
    const free = [...rig.state.attempts.values()].find(attempt => attempt.wants === undefined);
    if (free === undefined) {
      expect([...rig.state.waiting].map(each => each.id)).toEqual([]);
      continue;
    }
    if (free.stopping === undefined)
      rig.say({ type: 'Exited', attempt: free.id, outcome: { kind: 'complete' } });
    else end(rig, free.id);
  }
}

test('1,000 programs of locks: no two holders, nobody waits for ever, and a replay comes to the same', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      files,
      fc.constantFrom('wait' as const, 'abort' as const),
      steps,
      (declared, onConflict, happenings) => {
        const rig = new SchedulerRig(4);
        const sketches = declared.map((paths, index) => ({ id: `t${index}`, files: paths, retries: 1 }));
        rig.submit(aPlan(sketches, { onConflict }));
        for (const step of happenings) {
          rig.at += 700;
          happen(rig, step);
        }
        finish(rig);
        for (const { facts } of rig.records) for (const { type } of facts) seen.add(type);
        expect(rig.state.active.size).toBe(0);
        expect(rig.state.waiting.size).toBe(0);
        expect(judge(rig.records, 'run-1').violations).toEqual([]);
        const again = rig.replayed();
        expect([...again.outsiders]).toEqual([...rig.state.outsiders]);
        expect([...(again.runs.get('run-1' as RunId)?.nodes ?? [])].map(node => node.status)).toEqual(
          [...(rig.state.runs.get('run-1' as RunId)?.nodes ?? [])].map(node => node.status),
        );
      },
    ),
    { numRuns: 1000 },
  );
  // Or else nothing was tried.
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'LocksAwaited',
      'LocksReleased',
      'DeadlockResolved',
      'TaskDeferred',
      'OutsideLockReleased',
    ]),
  );
});
