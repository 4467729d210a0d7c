import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { RunId } from '../../../bus-schema/ids.js';
import { PlainOrchestration } from '../../../daemon/cli/orchestration-view.js';
import { feedOf } from '../../../daemon/projections/feed.js';
import { OrchestrationStory } from '../../../daemon/projections/orchestration-story.js';
import { grouped } from '../projections/orchestration-plan.js';
import { SchedulerRig } from '../scheduler/rig.js';

let rig: SchedulerRig;
let view: PlainOrchestration;
let stream: PassThrough;
let heard = 0;

beforeEach(() => {
  rig = new SchedulerRig();
  jest.useFakeTimers({ now: rig.at });
  const ids = ['T001', 'T002', 'T003', 'T004', 'T005', 'T006'];
  rig.submit(grouped([ids.map(id => ({ id, files: id === 'T002' ? ['src/T001'] : [`src/${id}`] }))]));
  const run = rig.state.runs.get('run-1' as RunId);
  if (run === undefined) throw new Error('there is no run');
  stream = new PassThrough({ encoding: 'utf8' });
  view = new PlainOrchestration(new OrchestrationStory(run), stream);
  heard = 0;
});

afterEach(() => {
  view.close();
  jest.useRealTimers();
});

/** What has been printed since the last look, after the view heard what happened. */
function printed(): string[] {
  for (const record of rig.records.slice(heard)) feedOf(rig.state, record).forEach(each => view.hear(each));
  heard = rig.records.length;
  const text: unknown = stream.read();
  return typeof text === 'string' ? text.trimEnd().split('\n') : [];
}

const isStatus = (lines: readonly string[]): boolean => lines.includes('ORCHESTRATION STATUS');

test('the status comes after ten lines', () => {
  // Two of the six share a file, and the others start at once.
  expect(isStatus(printed())).toBe(false);
  for (const id of ['T001', 'T003']) rig.complete(id);
  const lines = printed();
  expect(lines.slice(0, 2)).toEqual([
    '✓ T001 completed by worker-1',
    expect.stringContaining('⚡ T002 started'),
  ]);
  expect(isStatus(lines)).toBe(false);
  rig.complete('T004');
  rig.complete('T005');
  expect(isStatus(printed())).toBe(true);
});

test('or after thirty seconds in which nothing happened', () => {
  printed();
  jest.advanceTimersByTime(29_000);
  expect(isStatus(printed())).toBe(false);
  jest.advanceTimersByTime(2000);
  const lines = printed();
  expect(isStatus(lines)).toBe(true);
  expect(lines).toContain('⏳ T002: Waiting (file locked by worker-1)');
  jest.advanceTimersByTime(28_000);
  expect(isStatus(printed())).toBe(false);
});

test('a file that stays locked is told by itself', () => {
  printed();
  jest.advanceTimersByTime(5000);
  expect(printed()).toEqual([]);
  jest.advanceTimersByTime(2000);
  expect(printed()).toEqual(['⏳ T002 waits: src/T001 is locked by worker-1']);
});

test('nothing is printed after the end', () => {
  for (const id of ['T001', 'T002', 'T003', 'T004', 'T005', 'T006']) rig.complete(id);
  const lines = printed();
  expect(lines.at(-1)).toBe('═══ Group G1 completed: 6 tasks in 0s ═══');
  jest.advanceTimersByTime(60_000);
  expect(printed()).toEqual([]);
});
