import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JournalRecord } from '../../../bus-schema/fact.js';
import type { RunId } from '../../../bus-schema/ids.js';
import type { Plan } from '../../../bus-schema/plan.js';
import { fail, ok } from '../../../bus-schema/result.js';
import { Compaction } from '../../../daemon/journal/compaction.js';
import { FileJournal } from '../../../daemon/journal/journal.js';
import { readJournal, type JournalRead } from '../../../daemon/journal/read-journal.js';
import type { Segments } from '../../../daemon/journal/segments.js';
import { evolve } from '../../../daemon/scheduler/evolve.js';
import { brokenInvariants } from '../../../daemon/scheduler/invariants.js';
import { emptyState, type State } from '../../../daemon/scheduler/state.js';
import { describeState } from '../../compat/describe-state.js';
import { Dice } from '../../simulation/dice.js';
import { Crash, SimDisk } from '../../simulation/disk.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

/** So small that a journal has several. */
const SEGMENT_BYTES = 1500;
const PIECE_BYTES = 400;

const plan = aPlan(
  [
    { id: 'a', files: ['x'] },
    { id: 'b', needs: ['a'] },
  ],
  { maxParallel: 2 },
);
const plans = new Map<RunId, Plan>();

interface Past {
  readonly state: State;
  readonly records: readonly JournalRecord[];
  readonly end: JournalRead;
}

function read(segments: Segments): Past {
  const state = emptyState();
  const records: JournalRecord[] = [];
  const end = readJournal(
    segments,
    run => (plans.has(run) ? ok(plan) : fail(`the plan of ${run} is missing`)),
    record => {
      evolve(state, record);
      records.push(record);
    },
  );
  if (!end.ok) throw new Error(`${end.error.file} at ${end.error.offset}: ${end.error.message}`);
  return { state, records, end: end.value };
}

/** A daemon's start: what a crash has left is put in order. */
function open(segments: Segments): FileJournal {
  return new FileJournal(segments, read(segments).end, SEGMENT_BYTES);
}

function write(segments: Segments, records: readonly JournalRecord[]): void {
  const journal = open(segments);
  for (const record of records) {
    journal.append([record]);
    journal.sync();
  }
  journal.close();
}

/** Of the runs that have come to their end, the named ones are pruned, their plans with them. */
function prune(rig: SchedulerRig, ...runs: readonly string[]): void {
  rig.say({ type: 'Prune', runs: runs as RunId[], why: 'asked' });
}

/** Five runs: all but the last have ended, and the second and third are pruned. */
function lived(): SchedulerRig {
  const rig = new SchedulerRig(3);
  plans.clear();
  for (const run of ['run-1', 'run-2', 'run-3', 'run-4', 'run-5']) {
    rig.submit(plan, run);
    plans.set(run as RunId, plan);
    rig.complete('a');
    if (run !== 'run-5') rig.complete('b');
  }
  prune(rig, 'run-2', 'run-3');
  plans.delete('run-2' as RunId);
  plans.delete('run-3' as RunId);
  return rig;
}

function compact(segments: Segments): void {
  const journal = open(segments);
  journal.seal();
  const compaction = new Compaction(segments, segments.names().slice(0, -1), PIECE_BYTES);
  while (compaction.step());
  journal.close();
}

const disk = (): SimDisk => new SimDisk(new Dice(1), () => undefined);

function expectSame({ state, end }: Past, rig: SchedulerRig): void {
  expect(describeState(state)).toEqual(describeState(rig.state));
  expect(end.seq).toBe(rig.state.seq);
  expect(state).toMatchObject({ seq: rig.state.seq, at: rig.state.at, seed: 'seed' });
  expect(state.maxParallel).toBe(rig.state.maxParallel);
  expect(brokenInvariants(state)).toEqual([]);
}

describe('a journal with pruned runs', () => {
  test('is read without them, though their plans are gone', () => {
    const segments = disk();
    const rig = lived();
    write(segments, rig.records);
    expectSame(read(segments), rig);
    expect(read(segments).end.prunedSize).toBeGreaterThan(read(segments).end.size / 3);
  });

  test('is refused when the plan of another is gone', () => {
    const segments = disk();
    write(segments, lived().records);
    plans.delete('run-4' as RunId);
    expect(() => read(segments)).toThrow('the plan of run-4 is missing');
  });

  test('a run that comes back under the id of a pruned one is another', () => {
    const rig = new SchedulerRig();
    plans.set('run-1' as RunId, plan);
    rig.submit(plan);
    rig.complete('a');
    rig.complete('b');
    prune(rig, 'run-1');
    rig.submit(plan);
    rig.complete('a');
    const segments = disk();
    write(segments, rig.records);
    expectSame(read(segments), rig);
    compact(segments);
    expectSame(read(segments), rig);
  });
});

describe('a compacted journal', () => {
  test('tells the same in less, says where it leaves out something, and goes on with the next number', () => {
    const segments = disk();
    const rig = lived();
    write(segments, rig.records);
    const before = segments.size;
    compact(segments);
    expect(segments.size).toBeLessThan(before * 0.75);
    const past = read(segments);
    expectSame(past, rig);
    expect(past.end.prunedSize).toBe(0);
    expect(past.records.some(({ after }) => after !== undefined)).toBe(true);
    expect(JSON.stringify(past.records)).not.toContain('run-2');
    rig.complete('b');
    write(segments, rig.records.slice(-1));
    expectSame(read(segments), rig);
    expect(read(segments).records.at(-1)?.seq).toBe(rig.state.seq);
  });

  test('compacted again with everything pruned, it still knows how far it had come', () => {
    const segments = disk();
    const rig = lived();
    rig.complete('b');
    prune(rig, 'run-1', 'run-4', 'run-5');
    write(segments, rig.records);
    plans.clear();
    compact(segments);
    compact(segments);
    const { records, state, end } = read(segments);
    expect(records.flatMap(({ facts }) => facts.map(({ type }) => type))).toEqual(['DaemonStarted']);
    expect([state.seq, end.seq]).toEqual([rig.state.seq, rig.state.seq]);
    expect(segments.names()).toHaveLength(2);
  });

  test('a hundred daemons that found nothing to keep leave two starts', () => {
    const rig = new SchedulerRig();
    for (let start = 2; start <= 100; start++) {
      rig.say({ type: 'SetLimit', maxParallel: start });
      rig.say({ type: 'Pause' });
      rig.say({ type: 'Resume' });
      rig.say({ type: 'Drain' });
      rig.say({ type: 'Boot', bootId: `boot-${start}`, pid: 1, version: '0', seed: 'other', maxParallel: 7 });
    }
    const segments = disk();
    write(segments, rig.records);
    compact(segments);
    const { state, records } = read(segments);
    expect(state).toMatchObject({
      seed: 'seed',
      bootId: 'boot-100',
      maxParallel: 7,
      paused: false,
      draining: false,
    });
    expect(records.length).toBeLessThanOrEqual(4);
  });

  test.each([
    [
      'a record',
      (text: string): string =>
        text
          .split('\n')
          .filter((_line, at) => at !== 2)
          .join('\n'),
      'follows record',
    ],
    ['its end', (text: string): string => text.split('\n').slice(0, -3).join('\n') + '\n', 'follows record'],
    ['a bit', (text: string): string => text.replace('"boot-1"', '"boot-2"'), 'is damaged'],
  ])('is refused where %s of it is missing', (_what, damaged, said) => {
    const segments = disk();
    const rig = lived();
    write(segments, rig.records);
    compact(segments);
    rig.complete('b');
    write(segments, rig.records.slice(-1));
    const [name = ''] = segments.names();
    const text = damaged(segments.read(name).toString());
    const segment = segments.open(name);
    segment.cut(0);
    segment.append(text);
    expect(() => read(segments)).toThrow(said);
  });
});

describe('a daemon that dies while it compacts', () => {
  /** Counts the calls of a compaction, or dies at one of them, and perhaps the power goes too. */
  const dying = (
    dieAt: number,
    seed: number,
    losesPower: boolean,
  ): { calls: number; segments: SimDisk; rig: SchedulerRig } => {
    let armed = false;
    let calls = 0;
    const segments = new SimDisk(new Dice(seed), () => {
      if (armed && ++calls === dieAt) throw new Crash('killed');
    });
    const rig = lived();
    write(segments, rig.records);
    armed = true;
    try {
      compact(segments);
    } catch (crash) {
      if (!(crash instanceof Crash)) throw crash;
    }
    armed = false;
    if (losesPower) segments.losePower();
    return { calls, segments, rig };
  };
  const { calls } = dying(Infinity, 1, false);

  test.each([
    ['and the machine goes on', false, 1],
    ['and the power fails', true, 4],
  ])(
    'at any of its calls, %s: nothing is lost, and the next one brings it to its end',
    (_what, losesPower, seeds) => {
      expect(calls).toBeGreaterThan(20);
      for (let dieAt = 1; dieAt <= calls; dieAt++) {
        for (let seed = 1; seed <= seeds; seed++) {
          const { segments, rig } = dying(dieAt, seed, losesPower);
          expectSame(read(segments), rig);
          // The next daemon writes on, and dies as well before it can compact.
          rig.complete('b');
          write(segments, rig.records.slice(-1));
          if (losesPower) segments.losePower();
          expectSame(read(segments), rig);
          compact(segments);
          expectSame(read(segments), rig);
          expect(segments.names()).toHaveLength(2);
        }
      }
    },
  );

  test('and the next one dies where it puts in order what was left: nothing is lost', () => {
    for (let first = 1; first <= calls; first++) {
      for (let second = 1; second <= 8; second++) {
        const { segments, rig } = dying(first, first, false);
        expectSame(read(reopened(segments, second)), rig);
      }
    }
  });
});

/** Opened by a daemon that dies at a call, after which the power goes. */
function reopened(segments: SimDisk, dieAt: number): SimDisk {
  let left = dieAt;
  const point = (): void => {
    if (--left === 0) throw new Crash('killed');
  };
  try {
    open(withPoints(segments, point));
  } catch (crash) {
    if (!(crash instanceof Crash)) throw crash;
  }
  segments.losePower();
  return segments;
}

/** The same segments, with a point more before each call. */
function withPoints(segments: SimDisk, point: () => void): Segments {
  return {
    names: () => segments.names(),
    read: name => segments.read(name),
    readPiece: (name, offset, bytes) => segments.readPiece(name, offset, bytes),
    stage: () => segments.stage(),
    remove: names => {
      for (const name of names) {
        point();
        segments.remove([name]);
      }
      point();
    },
    open: name => {
      point();
      const segment = segments.open(name);
      point();
      return segment;
    },
  };
}

test('whatever ran beside a pruned run, the journal folds to the same without it', () => {
  const files = fc.subarray(['x', 'y', 'z/*'], { maxLength: 2 });
  const tasks = fc.array(fc.record({ files, retries: fc.nat({ max: 1 }) }), { minLength: 1, maxLength: 6 });
  const steps = fc.array(fc.record({ what: fc.nat({ max: 9 }), whom: fc.nat({ max: 50 }) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(tasks, tasks, steps, fc.nat({ max: 60 }), (some, others, happenings, prunedAt) => {
      const rig = new SchedulerRig(2);
      const of = (sketches: typeof some): Plan =>
        aPlan(
          sketches.map((sketch, index) => ({ ...sketch, id: `t${index}` })),
          { maxParallel: 2 },
        );
      const kept = new Map<RunId, Plan>([
        ['run-1' as RunId, of(some)],
        ['run-2' as RunId, of(others)],
        ['run-3' as RunId, of(some)],
      ]);
      for (const [run, itsPlan] of kept) rig.submit(itsPlan, run);
      for (const [step, { what, whom }] of happenings.entries()) {
        rig.at += 5000;
        const attempts = [...rig.state.attempts.keys()];
        const attempt = attempts[whom % Math.max(1, attempts.length)];
        const task = `t${whom % 6}` as never;
        if (what === 0) rig.say({ type: 'Cancel', run: 'run-2' as RunId, task });
        else if (what === 1) rig.say({ type: 'Retry', run: 'run-2' as RunId, task });
        else if (attempt !== undefined)
          rig.say(
            what === 2
              ? { type: 'Exited', attempt, outcome: { kind: 'lost', message: '' } }
              : { type: 'Exited', attempt, outcome: { kind: 'complete' } },
          );
        else rig.say({ type: 'Tick' });
        if (step >= prunedAt) prune(rig, 'run-1', 'run-3');
      }
      for (const run of kept.keys()) if (!rig.state.runs.has(run)) kept.delete(run);
      const segments = disk();
      const journal = new FileJournal(
        segments,
        { seq: 0, segment: undefined, bytes: 0, tornBytes: 0 },
        SEGMENT_BYTES,
      );
      for (const record of rig.records) journal.append([record]);
      const folded = (): State => {
        const state = emptyState();
        const end = readJournal(
          segments,
          run => {
            const itsPlan = kept.get(run);
            return itsPlan === undefined ? fail(`the plan of ${run} is missing`) : ok(itsPlan);
          },
          record => {
            evolve(state, record);
          },
        );
        if (!end.ok) throw new Error(end.error.message);
        return state;
      };
      const [live, uncompacted] = [waitingAlike(rig.state), folded()];
      expect(brokenInvariants(uncompacted)).toEqual([]);
      expect(waitingAlike(uncompacted)).toEqual(live);
      journal.seal();
      const compaction = new Compaction(segments, segments.names().slice(0, -1), PIECE_BYTES);
      while (compaction.step());
      expect(brokenInvariants(folded())).toEqual([]);
      expect(waitingAlike(folded())).toEqual(live);
    }),
    { numRuns: 200 },
  );
});

/** Whether a task waits for a slot or for its file is looked at again before the next is started: both are one here. */
function waitingAlike(state: State): string {
  return JSON.stringify(describeState(state)).replaceAll('blocked, after', 'ready, after');
}
