import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { journalOf, Rig } from '../e2e/rig.js';
import { freshFolder } from '../fresh-folder.js';
import { unless } from '../resources/shortage.js';
import { until } from '../until.js';
import { endOfRun, feedOf, HASTY, letPass, logOf, startsIn, submit, up } from './machine.js';
import { HOUR_MS, SetClock, YEAR_MS } from './set-clock.js';

/** Longer than from one round of the daemon to the next. */
const ROUND_MS = 2500;
/** Ends between the last jump and the end of the test. */
const TIMEOUT_S = 12;
const BACKOFF_S = 8;
/** By so much later a busy machine may do what is due. */
const LATE_S = 15;

const folder = freshFolder();
const clock = SetClock.make(folder.path);
const ifSet = unless('why' in clock ? clock.why : undefined, 'a wall clock that is set') ? test : test.skip;
afterAll(() => folder.remove());

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY.replace('10ms', `${BACKOFF_S}s`));
});
afterEach(() => rig.remove());

/** Until the workers have told the time by the clock as it is now, and the daemon has looked at them. */
async function hasComeAbout(offsetMs: number): Promise<void> {
  const heartbeat = join(rig.bus, layout.heartbeat('worker-1' as WorkerId));
  const isThere = (): boolean => Math.abs(statSync(heartbeat).mtimeMs - Date.now() - offsetMs) < HOUR_MS / 2;
  await until(isThere, 10_000, 'a beat by the clock that was set');
  await letPass(ROUND_MS);
}

async function secondsTo(what: string, look: () => boolean): Promise<number> {
  const since = performance.now();
  await until(look, 60_000, what);
  return (performance.now() - since) / 1000;
}

ifSet(
  'the wall clock is set an hour and a year forward and back under a daemon at work: nobody is ended, nothing comes sooner or later',
  async () => {
    if (!(clock instanceof SetClock)) throw new Error(clock.why);
    const begin = 'echo $SIGNALBOX_TASK_ID >> begun';
    rig.plan(
      'plan.json',
      [
        { id: 'talks', command: `${begin}; until test -e go; do echo on; sleep 0.2; done`, retries: 0 },
        { id: 'quiet', command: `${begin}; until test -e go; do sleep 0.2; done`, retries: 0 },
        { id: 'timed', command: `${begin}; sleep 300`, retries: 0, timeout: `${TIMEOUT_S}s` },
        { id: 'again', command: `${begin}; test $SIGNALBOX_ATTEMPT -gt 1`, retries: 1 },
        { id: 'after', command: begin, depends_on: ['talks', 'quiet'] },
      ],
      { settings: { max_parallel: 4, heartbeat_timeout: '4s', on_failure: 'continue' } },
    );
    const first = await up(rig, { env: clock.environment });
    await submit(rig, 'plan.json');
    await until(() => rig.lines('begun').length >= 4, 20_000, 'all to begin');
    const timed = secondsTo('timed out', () => feedOf(rig).includes('timeout of'));
    const again = secondsTo(
      'tried again',
      () => rig.lines('begun').filter(id => id === 'again').length === 2,
    );
    for (const offsetMs of [HOUR_MS, 0, YEAR_MS, 0]) {
      clock.set(offsetMs);
      await hasComeAbout(offsetMs);
    }
    // To the next daemon it is a year before anything that it finds.
    first.kill('SIGKILL');
    await first.ended;
    clock.set(-YEAR_MS);
    await up(rig, { env: clock.environment });
    await hasComeAbout(-YEAR_MS);
    // They are looked at from a moment after both have begun.
    for (const [seconds, due] of [
      [await timed, TIMEOUT_S],
      [await again, BACKOFF_S],
    ] as const) {
      expect(seconds).toBeGreaterThan(due / 3);
      expect(seconds).toBeLessThan(due + LATE_S);
    }
    rig.write('go', '');
    await endOfRun(rig);
    expect(startsIn(rig)).toEqual({ talks: 1, quiet: 1, timed: 1, again: 2, after: 1 });
    expect(rig.report()).toMatchObject({ counts: { complete: 4, failed: 1 } });
    expect(feedOf(rig)).not.toContain('WORKER_REPLACED');
    const records = journalOf(rig.bus);
    const instants = records.map(({ at }) => at);
    expect(instants).toEqual([...instants].sort((one, other) => one - other));
    // What they are labelled with shows that the clock was theirs.
    expect(Date.parse(records.at(-1)?.wall ?? '')).toBeLessThan(
      Date.parse(records[0]?.wall ?? '') - YEAR_MS / 2,
    );
    expect(logOf(rig)).toContain('"fate":"alive"');
    expect(logOf(rig)).not.toContain('"fate":"orphaned"');
  },
  90_000,
);
