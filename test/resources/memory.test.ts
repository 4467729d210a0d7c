import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Rig } from '../e2e/rig.js';
import { HASTY, submit, up } from '../liveness/machine.js';
import { bothRunOnce, firstRuns, letGo, twoTasks } from './two-tasks.js';

/** Enough for a daemon with little to do, and far less than a large plan takes. */
const LITTLE_MIB = 40;
const LARGE = 24_000_000;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

test('a daemon without memory for a plan ends, whoever asked is told, and the next one goes on where it was', async () => {
  twoTasks(rig);
  const daemon = await up(rig, { env: { NODE_OPTIONS: `--max-old-space-size=${LITTLE_MIB}` } });
  await submit(rig, 'plan.json');
  await firstRuns(rig);
  rig.plan('large.json', [{ id: 'large', command: `: ${'x'.repeat(LARGE)}` }]);
  const asked = await rig.signalbox(['submit', 'large.json']);
  expect(asked.stderr).toContain('the daemon has ended; the request was withdrawn, nothing was done');
  expect(asked.code).toBe(2);
  expect((await daemon.ended).stderr).toContain('heap out of memory');
  expect((await rig.signalbox(['status'])).stdout).toContain('none holds this bus');
  expect(rig.lines('witness')).toEqual(['a']);
  letGo(rig);
  await bothRunOnce(rig);
}, 60_000);
