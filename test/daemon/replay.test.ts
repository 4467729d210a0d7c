import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../bus-schema/diagnostic.js';
import type { RunId } from '../../bus-schema/ids.js';
import { FileJournal } from '../../daemon/journal/journal.js';
import { SegmentFolder } from '../../daemon/journal/segments.js';
import { replay, type Replay } from '../../daemon/replay.js';
import { storePlan } from '../../daemon/run-store.js';
import { freshBus } from '../fresh-folder.js';
import { aPlan, SchedulerRig } from './scheduler/rig.js';

const plan = aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]);

let place: ReturnType<typeof freshBus>;
let rig: SchedulerRig;
beforeEach(() => {
  place = freshBus();
  rig = new SchedulerRig();
});
afterEach(() => place.remove());

/** A bus on which a daemon has lived: `a` is complete, `b` runs. */
function lived(): void {
  const run = 'run-1' as RunId;
  rig.say({ type: 'Submit', run, plan, ...storePlan(place.bus, run, plan) });
  rig.complete('a');
  const journal = new FileJournal(new SegmentFolder(join(place.bus, 'journal')), {
    seq: 0,
    segment: undefined,
    bytes: 0,
    tornBytes: 0,
  });
  journal.append(rig.records);
  journal.sync();
  journal.close();
}

function read(): Replay {
  const result = replay(place.bus, record => record.seq > 2);
  if (!result.ok) throw new Error(formatDiagnostic(result.error));
  return result.value;
}

function complaint(): string {
  const result = replay(place.bus);
  return result.ok ? 'none' : formatDiagnostic(result.error);
}

const segment = (): string => join(place.bus, 'journal', readdirSync(join(place.bus, 'journal'))[0] ?? '');
const storedPlan = (): string => join(place.bus, 'runs/run-1/plan.json');

describe('a bus is read without a daemon', () => {
  test('its state is what the daemon’s was, and the records asked for are kept', () => {
    lived();
    const { state, kept, end } = read();
    expect(state.seq).toBe(rig.state.seq);
    expect([...state.attempts.keys()]).toEqual([...rig.state.attempts.keys()]);
    expect(kept).toEqual(rig.records.slice(2));
    expect(end).toMatchObject({ seq: rig.state.seq, tornBytes: 0 });
  });

  test('nothing is changed by it, not even a torn end', () => {
    lived();
    appendFileSync(segment(), '["0badcafe",12,{"v":1');
    const before = readFileSync(segment());
    expect(read().end.tornBytes).toBeGreaterThan(0);
    expect(readFileSync(segment())).toEqual(before);
  });

  test.each([
    ['without a journal', (): void => rmSync(join(place.bus, 'journal'), { recursive: true })],
    ['with an empty one', (): void => undefined],
    ['that is not there', (): void => place.remove()],
  ])('%s, it holds nothing', (_what, make) => {
    make();
    expect(read()).toMatchObject({ kept: [], end: { seq: 0, bytes: 0 } });
    expect(read().state.runs.size).toBe(0);
  });

  test('a plan that was changed behind its back is told of, by file', () => {
    lived();
    writeFileSync(storedPlan(), readFileSync(storedPlan(), 'utf8').replace('"true"', '"rm -rf ."'));
    expect(complaint()).toContain(
      `the plan of run run-1 was changed after it was submitted: ${storedPlan()}`,
    );
    rmSync(storedPlan());
    expect(complaint()).toContain(`the plan of run run-1 is missing: ${storedPlan()}`);
    expect(complaint()).toContain('Put the plan back as it was');
  });

  test('a damaged journal is told of, by file and byte', () => {
    lived();
    const lines = readFileSync(segment(), 'utf8').split('\n');
    writeFileSync(segment(), [lines[0]?.replace('boot-1', 'boot-2'), ...lines.slice(1)].join('\n'));
    expect(complaint()).toMatch(/000000000001\.jsonl \(byte 0\): error: the journal is damaged: .*backup/);
  });
});
