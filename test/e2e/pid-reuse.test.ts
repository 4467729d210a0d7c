import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { WorkerId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema } from '../../bus-schema/lease.js';
import { endOfRun, HASTY, logOf, startsIn } from '../liveness/machine.js';
import { unless } from '../resources/shortage.js';
import { TIERS } from '../escapees.js';
import { until } from '../until.js';
import { PidSpace, whyNoPidSpace } from './pid-space.js';
import { Rig } from './rig.js';

const ifChosen = unless(whyNoPidSpace(), 'process numbers that are given out again')
  ? describe
  : describe.skip;

let rig: Rig;
let space: PidSpace;
beforeEach(async () => {
  rig = new Rig();
  space = await PidSpace.make();
});
afterEach(async () => {
  await space.remove();
  await rig.remove();
});

async function up(): Promise<number> {
  const daemon = rig.start(['up'], { timeoutMs: 60_000, through: space.through(rig.repo) });
  daemon.ended.catch(() => undefined);
  await until(() => daemon.said.stderr.includes('holds'), 20_000, 'a daemon that is up');
  return Number(/daemon (\d+) holds/.exec(daemon.said.stderr)?.[1]);
}

/** The numbers, in that space, of the worker and of what stands above it. */
function household(): number[] {
  const text = rig.read(join('.message-bus', layout.workerInfo('worker-1' as WorkerId)));
  const { holder, containment } = leaseSchema.parse(JSON.parse(text));
  return [holder.pid, ...(containment !== undefined && 'shim' in containment ? [containment.shim.pid] : [])];
}

ifChosen('numbers of processes that ended while no daemon was up', () => {
  test.each(TIERS.filter(kind => kind === 'group' || kind === 'reaper'))(
    'in containment %s: strangers that are given them are neither adopted nor signalled, and the task is tried again',
    async kind => {
      rig.write('signalbox.config.yaml', HASTY.replace('containment: group', `containment: ${kind}`));
      const command = 'echo $$ >> pids; test $SIGNALBOX_ATTEMPT -gt 1 || sleep 300';
      rig.plan('plan.json', [{ id: 'a', command, retries: 1 }]);
      const daemon = await up();
      const { code } = await rig.signalbox(['submit', 'plan.json'], {
        through: space.through(rig.repo),
      });
      expect(code).toBe(0);
      await until(() => rig.lines('pids').length === 1, 20_000, 'the first attempt');
      const dead = [daemon, ...household(), Number(rig.lines('pids')[0])];
      // The command's group as well: nobody is left who could be known by it.
      space.shell(`kill -9 ${dead.join(' ')} -${dead.at(-1)}; true`);
      await until(() => !dead.some(pid => space.isTaken(pid)), 10_000, 'their numbers to be free');
      const heard = join(rig.repo, 'heard');
      for (const pid of dead) space.stranger(pid, heard);
      await up();
      await endOfRun(rig);
      expect(logOf(rig)).toContain('"fate":"orphaned"');
      expect(startsIn(rig)).toEqual({ a: 2 });
      expect(rig.report().tasks[0]).toMatchObject({ end: 'complete', attempts: 2 });
      expect(dead.map(pid => [pid, space.isStranger(pid)])).toEqual(dead.map(pid => [pid, true]));
      expect(rig.read('heard')).toBe('');
    },
    60_000,
  );
});
