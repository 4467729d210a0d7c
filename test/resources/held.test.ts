import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { RunId } from '../../bus-schema/ids.js';
import { Rig } from '../e2e/rig.js';
import { HASTY, submit, up } from '../liveness/machine.js';
import { until } from '../until.js';
import { descriptorsOf, mixedTasks, processCount, serversOf } from './held.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

async function run(tasks: number): Promise<void> {
  rig.plan('plan.json', mixedTasks(tasks), { name: `of-${tasks}`, settings: { max_parallel: 4 } });
  const id = (await submit(rig, 'plan.json')) as RunId;
  await until(() => existsSync(join(rig.bus, layout.reportJson(id))), 60_000, `the report of ${id}`);
}

/** Of the daemon and its workers, when nothing is under way any more. */
async function atRest(daemon: number, most: number): Promise<number[]> {
  await until(() => processCount(rig.bus) <= most, 20_000, 'rest');
  return serversOf(rig.bus, daemon).map(descriptorsOf);
}

test('after two hundred tasks that fail, are tried again and tell of themselves, no more descriptors are open than before', async () => {
  const daemon = await up(rig);
  await run(28);
  const most = processCount(rig.bus);
  const before = await atRest(daemon.pid, most);
  expect(before).toHaveLength(5);
  await run(196);
  await until(
    async () => {
      const after = await atRest(daemon.pid, most);
      return after.length === before.length && after.every((count, index) => count <= (before[index] ?? 0));
    },
    20_000,
    `as few descriptors as before (${before.join()})`,
  );
  expect((await rig.signalbox(['down'])).code).toBe(0);
}, 120_000);
