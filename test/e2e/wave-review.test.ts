import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { did, WaveRig } from './wave-rig.js';
import { APPROVED, LEAKS, waveOf } from './wave-texts.js';

let rig: WaveRig;
beforeEach(() => {
  rig = new WaveRig();
});
afterEach(async () => {
  await rig.remove();
});

describe('a task whose work is reviewed', () => {
  const WAVE = waveOf({ id: 'a', files: ['src/a.ts'], review: true }, { id: 'b', needs: ['a'] });

  test('is complete when the reviewer approves; what depends on it waits for that', async () => {
    rig.claude();
    rig.codex(APPROVED);
    const ended = await rig.wave(WAVE);
    expect({ code: ended.code, result: rig.resultOf(ended) }).toMatchObject({
      code: 0,
      result: { tasks: { a: { ...did('a'), codexReviewed: true, reviewRounds: 1 }, b: did('b') } },
    });
    expect(rig.calls).toEqual(['claude work a none', 'codex review a', 'claude work b none']);
    expect(rig.promptOf('a', 2)).toMatch(/Do a[\s\S]*- src\/a\.ts/);
  });

  test('is mended by what the review found, and reviewed again', async () => {
    rig.claude();
    rig.codex(LEAKS, APPROVED);
    const ended = await rig.wave(WAVE);
    expect(ended.code).toBe(0);
    const result = rig.resultOf(ended);
    expect(result).toMatchObject({ status: 'completed', errors: [], tasks: { a: { reviewRounds: 2 } } });
    expect(result).not.toHaveProperty('tasks.a.remainingIssues');
    expect(rig.calls).toEqual([
      ...['claude work a none', 'codex review a', 'claude fix a none', 'codex review a'],
      'claude work b none',
    ]);
    expect(rig.promptOf('a', 3)).toContain('HIGH src/a.ts:12: The handle leaks\n  Close it');
    expect(rig.promptOf('a', 3)).toContain('LOW src/a.ts:3:1: The name is odd');
    expect(rig.promptOf('a', 1)).not.toContain('leaks');
  });

  test('is complete after three reviews as well, and what is left is told', async () => {
    rig.claude();
    rig.codex(LEAKS);
    const ended = await rig.wave(WAVE);
    expect(ended.code).toBe(0);
    expect(rig.resultOf(ended)).toEqual({
      wave: 1,
      status: 'completed',
      tasks: {
        a: {
          ...did('a'),
          codexReviewed: true,
          reviewRounds: 3,
          remainingIssues: [
            { severity: 'HIGH', location: 'src/a.ts:12', issue: 'The handle leaks', suggestion: 'Close it' },
            { severity: 'LOW', location: 'src/a.ts:3:1', issue: 'The name is odd' },
          ],
        },
        b: did('b'),
      },
      errors: [],
    });
    expect(rig.calls.filter(line => line === 'codex review a')).toHaveLength(3);
    const report = rig.read(join('.message-bus', layout.reportText(rig.run())));
    expect(report).toContain('| a | 3 | not approved | 2 |');
    expect(report).toContain('- [ ] Fix a: HIGH at src/a.ts:12: The handle leaks (Close it)\n');
  });

  test('has failed when the reviewer gives no verdict', async () => {
    rig.claude();
    rig.codex('I am a little teapot, and {"status": "short"}');
    const ended = await rig.wave(WAVE);
    expect(ended.code).toBe(1);
    expect(rig.resultOf(ended)).toMatchObject({
      status: 'failed',
      tasks: { a: { status: 'failed', codexReviewed: false, reviewRounds: 0 }, b: { status: 'skipped' } },
      errors: [{ taskId: 'a', error: expect.stringMatching(/^its review failed: printed no verdict/) }, {}],
    });
  });

  test('an agent that edits files does so before the reviewer looks at them', async () => {
    rig.claude({ works: 'mkdir -p src; echo "$SIGNALBOX_STAGE" >> src/a.ts' });
    rig.codex(LEAKS, APPROVED);
    expect(await rig.wave(waveOf({ id: 'a', files: ['src/a.ts'], review: true }))).toMatchObject({ code: 0 });
    expect(rig.lines('src/a.ts')).toEqual(['work', 'fix']);
  });
});
