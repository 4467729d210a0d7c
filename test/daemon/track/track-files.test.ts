import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TrackFiles } from '../../../daemon/track/track-files.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';
import { until } from '../../until.js';

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
    track.nextStep(plan);
    expect(readFileSync(metadata(), 'utf8')).toBe(
      '{"loop_state": {"current_step": "EVALUATE_EXECUTION", "step_status": "NOT_STARTED"}}',
    );
    expect(problems).toEqual([]);
  });

  test('that is broken is left as it is, and said to be', () => {
    writeFileSync(metadata(), '{"loop_state":');
    track.nextStep(plan);
    expect(readFileSync(metadata(), 'utf8')).toBe('{"loop_state":');
    expect(problems).toEqual([`${metadata()}: it is no JSON object`]);
  });

  test('that is not there is not made', () => {
    track.nextStep(plan);
    mkdirSync(metadata());
    track.nextStep(plan);
    expect(statSync(metadata()).isDirectory()).toBe(true);
    expect(problems).toEqual([]);
  });
});
