import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Dice } from '../simulation/dice.js';
import { CrashRig } from './rig.js';

const KILLS = 20;
const SEED = Number(process.env.CRASH_SEED ?? 20_261_121);

let rig: CrashRig;
beforeEach(() => {
  rig = new CrashRig({ tasks: 60, seconds: 0.35, retries: 0, tell: 'script' });
});
afterEach(() => rig.remove());

describe(`a daemon killed at ${KILLS} random instants (CRASH_SEED=${SEED})`, () => {
  test('interrupts no command, loses no outcome and starts nothing twice', async () => {
    await rig.up();
    await rig.submitted();
    const dice = new Dice(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise(resolve => setTimeout(resolve, dice.between(5, 255)));
      await rig.killDaemon();
      await rig.up();
    }
    await rig.finish();
    expect(await rig.findings({ once: true })).toEqual([]);
  }, 180_000);
});
