import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { Rig, type Ended } from '../e2e/rig.js';
import { peakMemory } from '../hostile/flood.js';
import { endOfRun, HASTY, submit, up, workerPid } from '../liveness/machine.js';
import { until } from '../until.js';

const CAP = 1024 ** 2;
const MARK = `\n[signalbox: output cut at ${CAP} bytes]\n`;
/** A daemon at rest has about 90, a worker 60. */
const MOST_MIB = 150;
/** What a person reads of one task on one line. */
const LONGEST_LINE = 600;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', `${HASTY}log_cap: ${CAP}\n`);
});
afterEach(() => rig.remove());

const logSize = (): number =>
  statSync(join(rig.bus, layout.attemptLog(rig.run(), `${rig.run()}.0.1` as AttemptId))).size;

/** Each line fits a screen, and does nothing to a terminal. */
function expectReadable({ stdout }: Ended): void {
  // eslint-disable-next-line no-control-regex -- what must not be there
  expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThan(LONGEST_LINE);
}

test.each([
  ['a thousand million zeros', 'head -c 1000000000 /dev/zero', '\0', '\\x00'],
  ['one line of hundreds of megabytes', 'head -c 400000000 /dev/zero | tr "\\0" x', 'x', 'x'],
])(
  'a task that prints %s: its log is cut at its cap, nobody grows, and what is told of it is short and readable',
  async (_, print, printed, shown) => {
    const command = `${print}; touch printed; until test -e go; do sleep 0.02; done; exit 3`;
    rig.plan('plan.json', [{ id: 'a', command, retries: 0 }]);
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await until(() => existsSync(join(rig.repo, 'printed')), 60_000, 'all of it to be printed');
    const worker = workerPid(rig, 'worker-1');
    await until(() => logSize() === CAP + MARK.length, 10_000, 'the log to be cut');
    expectReadable(await rig.signalbox(['status']));
    for (const pid of [daemon.pid, worker]) expect(peakMemory(pid) ?? 0).toBeLessThan(MOST_MIB);
    rig.write('go', '');
    await endOfRun(rig);
    for (const pid of [daemon.pid, worker]) expect(peakMemory(pid) ?? 0).toBeLessThan(MOST_MIB);
    const logs = await rig.signalbox(['logs', 'a']);
    expect(logs.stdout === printed.repeat(CAP) + MARK).toBe(true);
    for (const view of ['status', 'explain a', 'report'])
      expectReadable(await rig.signalbox(view.split(' ')));
    const cause = rig.report().tasks[0]?.cause ?? '';
    expect(cause).toContain(`exit code 3: ${shown.repeat(20)}`);
    expect(cause.length).toBeLessThan(LONGEST_LINE);
  },
  90_000,
);
