import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../until.js';
import { judge } from '../oracle/journal-oracle.js';
import { processesOf } from './leftovers.js';
import { journalOf, Rig } from './rig.js';
import { awaiting, begunIn, WITNESS, witnessed } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

const begun = (): string[] => begunIn(rig.lines(WITNESS));

function expectLawful(): void {
  for (const run of rig.runs()) expect(judge(journalOf(rig.bus), run).violations).toEqual([]);
}

describe('the same plan once more', () => {
  const GATED = [
    { id: 'gate', command: witnessed(awaiting('go')), retries: 0 },
    { id: 'after', command: witnessed(':'), depends_on: ['gate'] },
  ];

  test('while it runs: both calls see the one run to its end', async () => {
    rig.plan('plan.json', GATED);
    const first = rig.start(['run', 'plan.json']);
    await until(() => begun().length === 1, 10_000, 'the first task');
    const second = rig.start(['run', 'plan.json']);
    await until(() => second.said.stderr.includes('a daemon is up'), 10_000, 'the second call');
    rig.write('go', '');
    const [one, two] = [await first.ended, await second.ended];
    expect(one.code).toBe(0);
    expect(two).toMatchObject({ code: 0, stdout: one.stdout });
    expect(begun()).toEqual(['gate', 'after']);
    expect(rig.report().verdict).toBe('PASS');
    expectLawful();
  });

  test('after its program was killed: it goes on, and what ran was not disturbed', async () => {
    rig.plan('plan.json', GATED);
    const first = rig.start(['run', 'plan.json']);
    await until(() => begun().length === 1, 10_000, 'the first task');
    first.kill('SIGKILL');
    expect((await first.ended).code).toBeNull();
    const second = rig.start(['run', 'plan.json']);
    await until(() => second.said.stderr.includes('it goes on'), 10_000, 'the second call');
    rig.write('go', '');
    expect((await second.ended).code).toBe(0);
    expect(rig.lines(WITNESS)).toEqual(['begin gate', 'end gate', 'begin after', 'end after']);
    expect(rig.report()).toMatchObject({ verdict: 'PASS', attemptsStarted: 2 });
    expectLawful();
  });

  test('changed while it runs: refused, with both ways out', async () => {
    rig.plan('plan.json', GATED);
    const first = rig.start(['run', 'plan.json']);
    await until(() => begun().length === 1, 10_000, 'the first task');
    rig.plan('plan.json', [...GATED, { id: 'more', command: witnessed(':') }]);
    const second = await rig.signalbox(['run', 'plan.json']);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toContain('have changed since');
    expect(second.stderr).toContain(`signalbox cancel ${rig.run()}`);
    rig.write('go', '');
    expect((await first.ended).code).toBe(0);
    expect(begun()).toEqual(['gate', 'after']);
  });

  test('finished: it is a run of its own', async () => {
    rig.plan('plan.json', [{ id: 'a', command: witnessed(':') }]);
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    expect(begun()).toEqual(['a', 'a']);
    expect(rig.runs()).toHaveLength(2);
    expectLawful();
  });
});

describe('Ctrl-C', () => {
  const LONG = [
    { id: 'a', command: witnessed(awaiting('go')), retries: 0 },
    { id: 'b', command: witnessed(':'), depends_on: ['a'] },
  ];

  test('once lets what runs end and starts nothing more; the same command goes on', async () => {
    rig.plan('plan.json', LONG);
    const first = rig.start(['run', 'plan.json']);
    await until(() => begun().length === 1, 10_000, 'the first task');
    first.kill('SIGINT');
    await until(() => first.said.stderr.includes('stopping'), 10_000, 'an answer');
    rig.write('go', '');
    expect(await first.ended).toMatchObject({ code: 3, stdout: '' });
    expect(rig.lines(WITNESS)).toEqual(['begin a', 'end a']);
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    expect(begun()).toEqual(['a', 'b']);
    expectLawful();
  });

  test('twice ends what runs', async () => {
    rig.plan('plan.json', LONG);
    const first = rig.start(['run', 'plan.json']);
    await until(() => begun().length === 1, 10_000, 'the first task');
    first.kill('SIGINT');
    await until(() => first.said.stderr.includes('Ctrl-C again'), 10_000, 'an answer');
    first.kill('SIGINT');
    expect((await first.ended).code).toBe(3);
    expect(rig.lines(WITNESS)).toEqual(['begin a']);
    expect(rig.report().verdict).toBe('STOPPED');
    await until(() => processesOf(rig.bus).length === 0, 10_000, 'the end of all processes');
  });
});
