import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { until } from '../until.js';
import { floodJunk, floodProgress, floodLeft, peakMemory } from './flood.js';
import { HostileRig } from './rig.js';

const JUNK = 20_000;
const PROGRESS = 4000;
/** A daemon at rest has about 90; a flood of any size adds no more than so much. */
const MOST_MIB = 250;

let rig: HostileRig;
beforeEach(() => {
  rig = new HostileRig();
});
afterEach(() => rig.remove());

test(`${JUNK} junk files and ${PROGRESS} signs of progress keep neither a run from its end nor a user from an answer`, async () => {
  await rig.up();
  const held = await rig.hold();
  await floodJunk(rig.bus, JUNK);
  await floodProgress(rig.bus, 'gate', PROGRESS);
  await rig.answers();
  rig.plan(
    'chain.json',
    Array.from({ length: 20 }, (_, index) => ({
      id: `t${index}`,
      command: ':',
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    })),
  );
  const submitted = await rig.signalbox(['submit', 'chain.json']);
  expect(submitted.code).toBe(0);
  const report = join(layout.runs, submitted.stdout.trim(), 'report.json');
  await until(() => rig.read(join('.message-bus', report)) !== '', 60_000, 'the end of the chain');
  expect(await rig.release(held)).toMatchObject({ verdict: 'PASS', attemptsStarted: 1 });
  await until(() => floodLeft(rig.bus) === 0, 120_000, 'an end of the flood');
  await rig.answers();
  const quarantined = readdirSync(join(rig.bus, layout.quarantine));
  expect(quarantined).toHaveLength(2000);
  const peak = peakMemory(rig.daemon.pid);
  if (peak !== undefined) expect(peak).toBeLessThan(MOST_MIB);
}, 240_000);
