import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runReportSchema } from '../../bus-schema/report.js';
import { PROGRAM } from './rig.js';
import { did, DONE, WaveRig } from './wave-rig.js';
import { NO_SAMPLES } from '../samples.js';
import { APPROVED, CINEMA, sampleWave, waveOf } from './wave-texts.js';
import { awaiting, begunIn, hearWitness, WITNESS } from './witness.js';

let rig: WaveRig;
beforeEach(() => {
  rig = new WaveRig();
});
afterEach(async () => {
  await rig.remove();
});

describe('a wave, from standard input to its result', () => {
  test('is JSON in and JSON out, and whatever else there is to say goes to standard error', async () => {
    rig.claude();
    const ended = await rig.wave(CINEMA);
    expect({ code: ended.code, result: rig.resultOf(ended) }).toEqual({
      code: 0,
      result: {
        wave: 3,
        status: 'completed',
        tasks: { 'task-4': did('task-4'), 'task-5': did('task-5') },
        errors: [],
      },
    });
    expect(ended.stderr).toMatch(/warning: task task-4: owner is not a key/);
    expect(rig.report()).toMatchObject({ name: 'wave-3', verdict: 'PASS', wave: 3 });
  });

  test('the agent gets the model of the task, and all that the context says', async () => {
    rig.claude();
    expect(await rig.wave(CINEMA)).toMatchObject({ code: 0 });
    expect([...rig.calls].sort()).toEqual(['claude work task-4 opus', 'claude work task-5 none']);
    for (const part of [
      'Sell tickets for a seat',
      'A seat is sold once.',
      '- src/seat.ts',
      'Drew the plan of the hall',
    ])
      expect(rig.promptOf('task-4', 1)).toContain(part);
  });

  test('--json gives the whole report instead', async () => {
    rig.claude();
    const { code, stdout } = await rig.wave(CINEMA, ['--json']);
    expect(code).toBe(0);
    expect(runReportSchema.parse(JSON.parse(stdout))).toEqual(rig.report());
    expect(rig.report()).toMatchObject({
      format: 'wave',
      tasks: [{ summary: 'Did task-4' }, { id: 'task-5' }],
    });
  });

  test('`signalbox plan` shows what holds for it: ten minutes a task, and the limits by type', async () => {
    rig.claude();
    const { code, stdout } = await rig.wave(CINEMA, [], 'plan');
    expect(code).toBe(0);
    expect(stdout).toContain('plan wave-3: 2 tasks, at most 4 at once');
    expect(stdout).toContain('each for at most 10m00s, with 0 retries');
    expect(stdout).toMatch(/limits:\n(?: {2}.*\n)*? {2}implementation: 1 at once\n/);
  });

  test('an agent that says nothing of its end is complete by its exit', async () => {
    rig.claude({ answers: 'echo "All is well"' });
    const ended = await rig.wave(waveOf({ id: 'a' }));
    expect(rig.resultOf(ended)).toMatchObject({
      status: 'completed',
      tasks: { a: { summary: expect.stringMatching(/All is well ```$/) } },
    });
  });

  const sample = sampleWave();
  if (sample === undefined) test.skip(NO_SAMPLES, () => undefined);
  else
    test('the sample of the source system runs at once, and gives its result', async () => {
      rig.claude({
        works: `touch "up.$SIGNALBOX_TASK_ID"; ${awaiting('up.task-2')}; ${awaiting('up.task-3')}`,
      });
      rig.codex(APPROVED);
      const ended = await rig.wave(sample.input);
      expect(ended.code).toBe(0);
      const reviewed = { ...did('task-2'), codexReviewed: true, reviewRounds: 1 };
      expect(rig.resultOf(ended)).toEqual({
        ...(sample.result as object),
        tasks: { 'task-2': reviewed, 'task-3': did('task-3') },
      });
      expect([...rig.calls].sort()).toEqual([
        'claude work task-2 opus',
        'claude work task-3 sonnet',
        'codex review task-2',
      ]);
    });
});

describe('who runs beside whom', () => {
  test('tasks with a file in common never do, and a warning says so', async () => {
    rig.claude({ works: 'sleep 0.05' });
    const ended = await rig.wave(
      waveOf(
        { id: 'a', files: ['src/x.ts'] },
        { id: 'b', files: ['src/*.ts'] },
        { id: 'c', files: ['doc/'] },
      ),
    );
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('warning: b shares src/*.ts with a: it runs after it');
    expect(ended.stderr).not.toContain('c shares');
    expect(hearWitness(rig.lines(WITNESS), rig.plannedAs()).violations).toEqual([]);
    expect(rig.resultOf(ended)).toMatchObject({ tasks: { a: did('a'), b: did('b'), c: did('c') } });
  });

  test('one that asks for a file of another while both run is ended, and comes again after the rest of the wave', async () => {
    const ask = `'${process.execPath}' '${PROGRAM}' lock acquire src/x.ts`;
    rig.write('signalbox.config.yaml', 'kill_grace: 100ms\nretries: 0\n');
    rig.claude({
      works: [
        'case "$SIGNALBOX_TASK_ID" in',
        // It goes on until the other one has been ended for what it asked.
        `holder) ${awaiting('asked')} ;;`,
        `meddler) trap 'touch asked; exit 1' TERM; ${ask} & wait $! ;;`,
        'esac',
      ].join('\n'),
    });
    const wave = waveOf({ id: 'holder', files: ['src/x.ts'] }, { id: 'meddler' }, { id: 'other' });
    const ended = await rig.wave(wave);
    expect({ code: ended.code, result: rig.resultOf(ended) }).toMatchObject({
      code: 0,
      result: { status: 'completed', tasks: { meddler: did('meddler'), other: did('other') } },
    });
    const begun = begunIn(rig.lines(WITNESS));
    expect(begun.filter(id => id === 'meddler')).toHaveLength(2);
    expect(begun.at(-1)).toBe('meddler');
  });

  test('implementation one at a time, research as many as there are slots', async () => {
    const up = ['r1', 'r2', 'r3'].map(id => awaiting(`up.${id}`)).join('; ');
    rig.claude({
      works: `case $SIGNALBOX_TASK_ID in r*) touch "up.$SIGNALBOX_TASK_ID"; ${up} ;; *) sleep 0.05 ;; esac`,
    });
    const implementation = ['i1', 'i2', 'i3'].map(id => ({
      id,
      type: 'implementation',
      files: [`src/${id}`],
    }));
    const research = ['r1', 'r2', 'r3'].map(id => ({ id, type: 'research' }));
    const ended = await rig.wave(waveOf(...implementation, ...research));
    expect(ended.code).toBe(0);
    // The research tasks each waited until all three were there.
    expect(rig.resultOf(ended)).toMatchObject({
      status: 'completed',
      tasks: { r1: did('r1'), i3: did('i3') },
    });
    const lines = rig.lines(WITNESS).filter(line => line.includes(' i'));
    expect(lines).toHaveLength(6);
    for (const [index, line] of lines.entries())
      expect(line).toMatch(index % 2 === 0 ? /^begin/ : (lines[index - 1]?.replace('begin', 'end') ?? ''));
  });

  test('--max-parallel bounds all of them', async () => {
    rig.claude({ works: 'sleep 0.05' });
    const ended = await rig.wave(waveOf(...['a', 'b', 'c', 'd'].map(id => ({ id }))), [
      '--max-parallel',
      '1',
    ]);
    expect(ended.code).toBe(0);
    expect(hearWitness(rig.lines(WITNESS), rig.plannedAs())).toMatchObject({ violations: [], peak: 1 });
  });
});

describe('when a task does not complete', () => {
  const answers = (answer: string): string =>
    `case $SIGNALBOX_TASK_ID in bad) echo '${answer}' ;; *) ${DONE} ;; esac`;
  const WAVE = waveOf({ id: 'bad' }, { id: 'behind', needs: ['bad'] }, { id: 'other' });
  const resultWith = (error: string): object => ({
    wave: 1,
    status: 'failed',
    tasks: {
      bad: { status: 'failed', summary: '' },
      behind: { status: 'skipped', summary: '' },
      other: did('other'),
    },
    errors: [
      { taskId: 'bad', error },
      { taskId: 'behind', error: 'skipped because of bad' },
    ],
  });

  test.each([
    [
      'says that it failed',
      '{"taskId": "bad", "status": "failed", "summary": "Tried", "error": "no such table", "filesModified": []}',
      'no such table',
    ],
    [
      'asks for more',
      '{"taskId": "bad", "status": "needs_context", "needsContext": true, "reason": "which one?", "requestedFiles": ["a.ts", "b.ts"]}',
      'needs context: which one?; asked for: a.ts, b.ts',
    ],
  ])('since its agent %s, the others go on', async (_what, answer, error) => {
    rig.claude({ answers: answers(answer) });
    const ended = await rig.wave(WAVE);
    expect({ code: ended.code, result: rig.resultOf(ended) }).toEqual({ code: 1, result: resultWith(error) });
    expect(begunIn(rig.lines(WITNESS)).sort()).toEqual(['bad', 'other']);
  });

  test('since its agent ended with an error, too', async () => {
    rig.claude({ answers: `${DONE}; [ "$SIGNALBOX_TASK_ID" != bad ] || exit 3` });
    const ended = await rig.wave(WAVE);
    expect(ended.code).toBe(1);
    expect(rig.resultOf(ended)).toMatchObject({
      status: 'failed',
      errors: [{ taskId: 'bad', error: expect.stringContaining('exit code 3') }, { taskId: 'behind' }],
    });
  });

  test('in its time', async () => {
    rig.claude({ works: 'sleep 60' });
    const ended = await rig.wave(waveOf({ id: 'bad' }, { id: 'behind', needs: ['bad'] }), [
      '--timeout',
      '400ms',
    ]);
    expect(ended.code).toBe(1);
    expect(rig.resultOf(ended)).toMatchObject({
      errors: [{ taskId: 'bad', error: expect.stringContaining('timeout of 400ms') }, { taskId: 'behind' }],
    });
  });
});
