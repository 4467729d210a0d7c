import { describe, expect, test } from '@jest/globals';
import { aPlan, SchedulerRig } from '../daemon/scheduler/rig.js';
import type { CrashTask } from './plan.js';
import { verdictOn } from './verdict.js';

const TASKS: readonly CrashTask[] = [
  { id: 'a', command: 'true', depends_on: [], retries: 1 },
  { id: 'b', command: 'true', depends_on: ['a'], retries: 1 },
];

function records(): SchedulerRig['records'] {
  const rig = new SchedulerRig();
  rig.submit(aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]));
  rig.complete('a');
  rig.complete('b');
  return rig.records;
}

/** The attempts of the two tasks, as the journal names them. */
const [A = '', B = ''] = records().flatMap(({ facts }) =>
  facts.flatMap(fact => (fact.type === 'AttemptStarted' ? [fact.attempt] : [])),
);
const said = (...lines: string[]): string[] => verdictOn(records(), lines, TASKS, { once: true });

describe('the verdict on a crash', () => {
  test('is that nothing is wrong where each command ran once', () => {
    expect(said(`begin ${A}`, `told ${A}`, `end ${A}`, `begin ${B}`, `end ${B}`)).toEqual([]);
  });

  test.each<[string, string, string[]]>([
    ['a command started twice', `the command of ${A} was started twice`, [`begin ${A}`, `begin ${A}`]],
    ['a task run again after it told', 'task a was started', [`begin ${A}`, `told ${A}`, `begin ${A}`]],
    ['a task run again after its dependent', 'which needs it, was started', [`begin ${B}`, `begin ${A}`]],
    ['a task that nobody saw', 'nobody saw task b run', [`begin ${A}`, `end ${A}`]],
    ['a command that was cut short', `the command of ${A} was cut short`, [`begin ${A}`]],
    ['an attempt that the journal does not know', 'the journal knows nothing of', ['begin x.0.1']],
  ])('blames %s', (_what, complaint, lines) => {
    expect(said(...lines).join('\n')).toContain(complaint);
  });

  test('blames a run that was taken in twice, and one that was not', () => {
    const twice = [...records(), ...records()];
    expect(verdictOn(twice, [], TASKS, { once: true })).toEqual(['one run was asked for, there are 2']);
    expect(verdictOn([], [], TASKS, { once: true })).toEqual(['one run was asked for, there are 0']);
  });

  test('blames a task that did not complete', () => {
    const cut = records().slice(0, -1);
    expect(verdictOn(cut, [], TASKS, { once: true }).join('\n')).toContain('task b never ended');
  });
});
