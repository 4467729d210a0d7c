import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { endOfRun, freeze, startsIn, submit, thaw, up } from '../liveness/machine.js';
import { until } from '../until.js';
import { journalOf, Rig, type Background } from './rig.js';

/** So many starts at once. */
const RACERS = 20;
/** Each of them is a program that has to be loaded, on as few processors as there are. */
const RACE_MS = 60_000;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

/** All starts together; answers with the one that holds the bus when all others have ended. */
async function race(): Promise<Background> {
  const racers = Array.from({ length: RACERS }, () => rig.start(['up'], { timeoutMs: RACE_MS }));
  const codes = new Map<Background, number | null>();
  for (const racer of racers)
    void racer.ended.then(
      ({ code }) => codes.set(racer, code),
      () => undefined,
    );
  await until(() => codes.size === RACERS - 1, RACE_MS, 'the end of all starts but one');
  const left = racers.filter(racer => !codes.has(racer));
  const [holder] = left;
  if (holder === undefined || left.length !== 1) throw new Error(`${left.length} of ${RACERS} are left`);
  await until(
    () => holder.said.stderr.includes(`daemon ${holder.pid} holds`),
    RACE_MS,
    'one that holds the bus',
  );
  for (const [{ said }, code] of codes) {
    expect(said.stderr).toContain(`the bus has a daemon already: process ${holder.pid}, since `);
    expect([code, said.stdout]).toEqual([75, '']);
  }
  return holder;
}

/** The number of each daemon that the journal tells of. */
const boots = (): number[] =>
  journalOf(rig.bus).flatMap(({ facts }) =>
    facts.flatMap(fact => (fact.type === 'DaemonStarted' ? [fact.pid] : [])),
  );

test('of twenty that start at the same instant one holds the bus, and all others are sent away with its number', async () => {
  const earlier = await up(rig);
  // It leaves its number behind, which is not that of the one who has the bus next.
  earlier.kill('SIGKILL');
  await earlier.ended;
  const holder = await race();
  expect(boots()).toEqual([earlier.pid, holder.pid]);
  rig.plan('plan.json', [{ id: 'a', command: 'echo a >> witness' }]);
  await submit(rig, 'plan.json');
  await endOfRun(rig);
  expect((await rig.signalbox(['doctor'])).code).toBe(0);
  expect(rig.lines('witness')).toEqual(['a']);
}, 120_000);

test('one that stands still keeps the bus, and goes on when it may', async () => {
  rig.plan('plan.json', [
    { id: 'a', command: 'echo a >> witness; until test -e go; do sleep 0.02; done' },
    { id: 'b', command: 'echo b >> witness', depends_on: ['a'] },
  ]);
  const first = await up(rig);
  const run = await submit(rig, 'plan.json');
  await until(() => rig.lines('witness').length === 1);
  await freeze(first.pid);
  const second = await rig.signalbox(['up']);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`the bus has a daemon already: process ${first.pid}, since `);
  writeFileSync(join(rig.repo, 'go'), '');
  // What runs comes to its end meanwhile, and nobody else goes on from there.
  await until(() => existsSync(join(rig.bus, 'events', 'TASK_COMPLETE_a.event')));
  expect(rig.lines('witness')).toEqual(['a']);
  thaw(first.pid);
  await until(() => existsSync(join(rig.bus, layout.reportJson(rig.run()))), 20_000, `the end of ${run}`);
  expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
  expect(rig.lines('witness')).toEqual(['a', 'b']);
  expect(boots()).toEqual([first.pid]);
}, 60_000);
