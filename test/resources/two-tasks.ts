import { expect } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { Rig } from '../e2e/rig.js';
import { startsIn, up } from '../liveness/machine.js';
import { until } from '../until.js';

export const STACK = /internal error|^\s+at /m;

/** A task that runs until it is let go, and one after it; what they tell stands outside the bus. */
export function twoTasks(rig: Rig, { retries = 0 } = {}): void {
  rig.plan('plan.json', [
    { id: 'a', command: 'echo a >> witness; until test -e go; do sleep 0.05; done', retries },
    { id: 'b', command: 'echo b >> witness', depends_on: ['a'], retries },
  ]);
}

export const letGo = (rig: Rig): void => writeFileSync(join(rig.repo, 'go'), '');

export const firstRuns = (rig: Rig): Promise<true> =>
  until(() => rig.lines('witness').length === 1 || undefined, 20_000, 'the first task');

/** The next daemon brings the run to its end, and to its report if only that was missing. */
export async function bothRunOnce(rig: Rig): Promise<void> {
  if (rig.runs().length === 0) await rig.signalbox(['run', 'plan.json']);
  const daemon = await up(rig);
  await reported(rig);
  expect((await rig.signalbox(['down'])).code).toBe(0);
  expect((await daemon.ended).stderr).not.toMatch(STACK);
  ranOnce(rig);
}

/** Waits for the report of the one run there is. */
export const reported = (rig: Rig): Promise<true> =>
  until(() => existsSync(join(rig.bus, layout.reportJson(rig.run()))) || undefined, 30_000, 'the report');

/** Both are complete, and neither was started a second time. */
export function ranOnce(rig: Rig): void {
  expect(rig.report().verdict).toBe('PASS');
  expect(rig.lines('witness')).toEqual(['a', 'b']);
  expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
}
