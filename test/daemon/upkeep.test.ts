import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { FileJournal } from '../../daemon/journal/journal.js';
import { SegmentFolder } from '../../daemon/journal/segments.js';
import { Loop } from '../../daemon/loop.js';
import { replay, type Replay } from '../../daemon/replay.js';
import { storePlan } from '../../daemon/run-store.js';
import { Upkeep } from '../../daemon/upkeep.js';
import { freshBus } from '../fresh-folder.js';
import { until } from '../until.js';
import { LoopWorld } from './loop-world.js';
import { aPlan, SchedulerRig } from './scheduler/rig.js';

let place: ReturnType<typeof freshBus>;
beforeEach(() => {
  place = freshBus();
});
afterEach(() => place.remove());

const plan = aPlan([{ id: 'a' }]);
const KEPT = 'run-kept' as RunId;
const segments = (): SegmentFolder => new SegmentFolder(join(place.bus, layout.journal));
const size = (): number =>
  segments()
    .names()
    .reduce((sum, name) => sum + segments().sizeOf(name), 0);

/** A bus with so many runs that were pruned, each with much to say, and one that was not. */
function lived(pruned: number): void {
  const rig = new SchedulerRig();
  const message = 'x'.repeat(2000);
  const runs = Array.from({ length: pruned }, (_, index) => `run-${index}` as RunId);
  for (const run of runs) {
    rig.submit(plan, run);
    rig.say({ type: 'Exited', attempt: rig.attempt('a'), outcome: { kind: 'lost', message } });
  }
  rig.say({ type: 'Submit', run: KEPT, plan, ...storePlan(place.bus, KEPT, plan) });
  rig.complete('a');
  rig.say({ type: 'Prune', runs, why: 'asked' });
  const journal = new FileJournal(segments(), { seq: 0, segment: undefined, bytes: 0, tornBytes: 0 });
  journal.append(rig.records);
  journal.sync();
  journal.close();
}

function past(): Replay {
  const read = replay(place.bus);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** The upkeep of a daemon that has just read the bus. */
function begin(): { journal: FileJournal; upkeep: Upkeep; before: Replay } {
  const before = past();
  const journal = new FileJournal(segments(), before.end);
  const loop = new Loop(before.state, { ...new LoopWorld().ports, journal });
  const nothing = (): void => undefined;
  const upkeep = new Upkeep(
    {
      bus: place.bus,
      loop,
      journal,
      feed: { sync: () => true },
      intake: { sweep: nothing },
      drops: { stowForGood: nothing },
      retention: undefined,
      log: { info: nothing, warn: nothing },
    },
    before.end,
  );
  return { journal, upkeep, before };
}

describe('at a daemon’s start', () => {
  test('a journal that is mostly about pruned runs is compacted, while the daemon goes on', async () => {
    lived(700);
    const { upkeep, journal, before } = begin();
    const large = size();
    upkeep.look();
    const { seq, at } = before.state;
    const record = { seq: seq + 1, at, wall: '', facts: [{ type: 'Paused' }] } as const;
    journal.append([record]);
    await until(() => size() < large / 100, 10_000, 'the compaction');
    journal.append([{ ...record, seq: seq + 2, facts: [{ type: 'Resumed' }] }]);
    journal.close();
    expect([...past().state.runs.keys()]).toEqual([KEPT]);
    expect(past().end.seq).toBe(seq + 2);
    expect(readdirSync(join(place.bus, layout.journal))).toHaveLength(2);
  });

  test('one with less than a MiB of them is left as it is', () => {
    lived(20);
    const { upkeep, journal } = begin();
    upkeep.look();
    journal.close();
    expect(segments().names()).toHaveLength(1);
  });

  test('what a daemon died over goes: folders of pruned runs, and what was set aside', async () => {
    lived(3);
    mkdirSync(join(place.bus, 'runs/run-1/attempts'), { recursive: true });
    mkdirSync(join(place.bus, 'staging/pruned-1-0-run-2/attempts'), { recursive: true });
    begin().journal.close();
    expect(readdirSync(join(place.bus, layout.runs))).toEqual([KEPT]);
    await until(() => readdirSync(join(place.bus, layout.staging)).length === 0, 10_000, 'the removal');
    expect(existsSync(join(place.bus, layout.runPlan(KEPT)))).toBe(true);
  });
});
