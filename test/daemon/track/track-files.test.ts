import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TrackFiles } from '../../../daemon/track/track-files.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';
import { until } from '../../until.js';

const COUNTS = { spawned: 7, completed: 4, failed: 2 };

let folder: FreshFolder;
let plan: string;
let problems: string[];
let track: TrackFiles;
beforeEach(() => {
  folder = freshFolder();
  plan = join(folder.path, 'plan.md');
  writeFileSync(plan, '- [ ] 1\n- [ ] 2\n');
  problems = [];
  track = new TrackFiles((file, why) => problems.push(`${file}: ${why}`));
});
afterEach(() => {
  track.flush();
  folder.remove();
});

describe('a track’s plan', () => {
  test('is rewritten once for several changes, by the last of them', async () => {
    const calls: string[] = [];
    for (const word of ['a', 'b', 'c']) {
      track.rewritePlan(plan, text => {
        calls.push(word);
        return text.replace('[ ] 1', `[x] 1 ${word}`);
      });
    }
    expect(calls).toEqual([]);
    await until(() => calls.length > 0);
    expect(calls).toEqual(['c']);
    expect(readFileSync(plan, 'utf8')).toBe('- [x] 1 c\n- [ ] 2\n');
    track.flush();
    expect(calls).toEqual(['c']);
  });

  test('is rewritten at once where that is asked for, each plan for itself', () => {
    const other = join(folder.path, 'other.md');
    writeFileSync(other, '- [ ] 9\n');
    for (const file of [plan, other]) track.rewritePlan(file, text => text.replaceAll('[ ]', '[x]'));
    track.flush();
    expect(readFileSync(plan, 'utf8')).toBe('- [x] 1\n- [x] 2\n');
    expect(readFileSync(other, 'utf8')).toBe('- [x] 9\n');
  });

  test('that cannot be rewritten is a word, not an end', () => {
    track.rewritePlan(plan, () => {
      throw new Error('no room');
    });
    track.flush();
    expect(problems).toEqual([`${plan}: no room`]);
  });
});

describe('a track’s metadata', () => {
  const metadata = (): string => join(folder.path, 'metadata.json');

  test('is told what the next step is', () => {
    writeFileSync(metadata(), '{"loop_state": {"current_step": "EXECUTE", "step_status": "RUNNING"}}');
    track.nextStep(plan, COUNTS);
    expect(JSON.parse(readFileSync(metadata(), 'utf8'))).toEqual({
      loop_state: {
        current_step: 'EVALUATE_EXECUTION',
        step_status: 'NOT_STARTED',
        parallel_state: { total_workers_spawned: 7, completed_workers: 4, failed_workers: 2 },
      },
    });
    expect(problems).toEqual([]);
  });

  test('has the counts of the run in the places of earlier ones, and keeps every other byte', () => {
    const text = (step: string, counts: readonly number[]): string =>
      `{ "loop_state" : {"current_step":"${step}", "step_status": "NOT_STARTED",\n\t"parallel_state": {"parallel_groups_completed" : ["pg-1"],  "failed_workers":${counts[0]},"total_workers_spawned": ${counts[1]},\t"completed_workers" : ${counts[2]} } }, "z": 1e2 }`;
    writeFileSync(metadata(), text('PARALLEL_EXECUTE', [0, 0, 0]));
    track.nextStep(plan, COUNTS);
    expect(readFileSync(metadata(), 'utf8')).toBe(text('EVALUATE_EXECUTION', [2, 7, 4]));
  });

  test('without a place for the counts is told the next step all the same', () => {
    writeFileSync(
      metadata(),
      '{"loop_state": {"current_step": "X", "step_status": "Y", "parallel_state": "off"}}',
    );
    track.nextStep(plan, COUNTS);
    expect(readFileSync(metadata(), 'utf8')).toBe(
      '{"loop_state": {"current_step": "EVALUATE_EXECUTION", "step_status": "NOT_STARTED", "parallel_state": "off"}}',
    );
    expect(problems).toEqual([`${metadata()}: its loop_state.parallel_state is no object`]);
  });

  test('that is broken is left as it is, and said to be', () => {
    writeFileSync(metadata(), '{"loop_state":');
    track.nextStep(plan, COUNTS);
    expect(readFileSync(metadata(), 'utf8')).toBe('{"loop_state":');
    expect(problems).toEqual([`${metadata()}: it is no JSON object`]);
  });

  test('that is not there is not made', () => {
    track.nextStep(plan, COUNTS);
    mkdirSync(metadata());
    track.nextStep(plan, COUNTS);
    expect(statSync(metadata()).isDirectory()).toBe(true);
    expect(problems).toEqual([]);
  });
});
