import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Plan } from '../../bus-schema/plan.js';
import { judge } from '../oracle/journal-oracle.js';
import { LOOK_ALIKES } from './look-alikes.js';
import { journalOf, Rig } from './rig.js';
import { hearWitness, WITNESS, witnessed } from './witness.js';

const fixtures = process.env.SIGNALBOX_FIXTURES;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

/** What the journal says of the one run, after both it and the commands have been heard. */
function provenRun(mostAtOnce: number): { plan: Plan; started: Record<string, number>; peak: number } {
  const run = rig.run();
  const records = journalOf(rig.bus);
  const verdict = judge(records, run);
  expect(verdict.violations).toEqual([]);
  expect([...verdict.ends.values()].filter(end => end !== 'complete')).toEqual([]);
  expect(verdict.peak).toBeLessThanOrEqual(mostAtOnce);
  const [plan] = records
    .flatMap(record => record.facts)
    .flatMap(fact => (fact.type === 'RunSubmitted' ? [fact.plan] : []));
  if (plan === undefined) throw new Error('the journal knows no plan');
  const seen = hearWitness(rig.lines(WITNESS), plan);
  expect(seen.violations).toEqual([]);
  expect(seen.peak).toBeLessThanOrEqual(mostAtOnce);
  expect([...seen.begun].sort()).toEqual([...verdict.started.keys()].sort());
  return { plan, started: Object.fromEntries(verdict.started), peak: verdict.peak };
}

const once = (ids: readonly string[]): Record<string, number> => Object.fromEntries(ids.map(id => [id, 1]));

/** The source system's report of a run in which nothing failed. */
const reportOf = (tasks: number): string =>
  `PARALLEL EXECUTION COMPLETE\nWORKERS SPAWNED: ${tasks}\nTASKS COMPLETED: ${tasks}\nTASKS FAILED: 0\n`;

/** Runs every task of a plan, done or not; answers what was proven. */
async function runAfresh(text: string, mostAtOnce: number): Promise<ReturnType<typeof provenRun>> {
  rig.write('x.plan.md', text);
  const limit = mostAtOnce === 5 ? [] : ['--max-parallel', String(mostAtOnce)];
  const args = ['run', 'x.plan.md', '--fresh', '--no-tick', '--command', witnessed(), ...limit];
  const { code, stdout, stderr } = await rig.signalbox(args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const proven = provenRun(mostAtOnce);
  const ids = proven.plan.tasks.map(task => task.id);
  expect(proven.started).toEqual(once(ids));
  expect(stdout).toBe(reportOf(ids.length));
  expect(rig.read('x.plan.md')).toBe(text);
  return proven;
}

describe.each(LOOK_ALIKES)('a conductor plan: $shape', ({ text, taskCount, done, peak, open }) => {
  test('--fresh --no-tick runs every task once, in order, and leaves the file alone', async () => {
    const proven = await runAfresh(text, 5);
    expect(proven.plan.tasks).toHaveLength(taskCount);
    expect(proven.peak).toBe(peak);
  });

  test('--max-parallel 2 is kept to', async () => {
    const proven = await runAfresh(text, 2);
    expect(proven.peak).toBe(2);
  });

  test('without these flags, what is ticked is done, and what is done is ticked', async () => {
    rig.write('x.plan.md', text);
    const { code, stdout, stderr } = await rig.signalbox(['run', 'x.plan.md', '--command', witnessed()]);
    expect(code).toBe(0);
    const { plan, started } = provenRun(5);
    const rest = plan.tasks.map(task => task.id).filter(id => !done.includes(id));
    expect(started).toEqual(once(rest));
    expect(stdout).toBe(reportOf(rest.length));
    if (done.length > 0) expect(stderr).toContain(`done already, by the plan: ${done.join(', ')} (--fresh`);
    else expect(stderr).not.toContain('done already');
    const ticked = open.reduce((before, box) => before.replace(box, box.replace(/\[.\]/, '[x]')), text);
    expect(rig.read('x.plan.md')).toBe(ticked);
  });
});

test('a plan that is done once is done: run again, it starts nothing and ends', async () => {
  rig.write('x.plan.md', LOOK_ALIKES[2]?.text ?? '');
  const args = ['run', 'x.plan.md', '--command', witnessed(':')];
  expect((await rig.signalbox(args)).code).toBe(0);
  const before = rig.lines(WITNESS);
  const again = await rig.signalbox(args);
  expect(again).toMatchObject({ code: 0, stdout: reportOf(0) });
  expect(again.stderr).toContain('done already, by the plan: 1.1, 1.2, 2.1, 2.2, 3.1, 4.1');
  expect(rig.lines(WITNESS)).toEqual(before);
  expect(rig.runs()).toHaveLength(2);
});

describe('conductor plans from the wild', () => {
  if (fixtures === undefined) {
    test.skip('not run: SIGNALBOX_FIXTURES does not name a folder with conductor/*.plan.md', () => undefined);
    return;
  }
  const folder = join(fixtures, 'conductor');
  const plans = readdirSync(folder).filter(name => name.endsWith('.plan.md'));

  test('there are six', () => {
    expect(plans).toHaveLength(6);
  });

  test.each(plans)('%s', async name => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { plan } = await runAfresh(text, 5);
    expect(plan.tasks.length).toBeGreaterThan(3);
  });

  test.each(plans)('%s, two at once', async name => {
    const proven = await runAfresh(readFileSync(join(folder, name), 'utf8'), 2);
    expect(proven.peak).toBeLessThanOrEqual(2);
  });
});
