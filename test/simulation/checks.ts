import type { JournalRecord } from '../../bus-schema/fact.js';
import { overlaps } from '../../bus-schema/repo-path.js';
import { brokenInvariants } from '../../daemon/scheduler/invariants.js';
import type { State } from '../../daemon/scheduler/state.js';
import { judge } from '../oracle/journal-oracle.js';
import type { SimCommand } from './command.js';
import type { Machine } from './machine.js';
import { readPast, type Told } from './life.js';

/** A promise was broken: the schedule's seed and this sentence are all that is needed to see it again. */
export class Violation extends Error {}

export function violate(rule: string, what: string): never {
  throw new Violation(`${rule}: ${what}`);
}

/** Attempts at once, over all runs. */
export const CAP = 3;

/** Held against the truth at the moment when a command is started: nothing that anybody believes is asked. */
export function checkStart(machine: Machine, command: SimCommand): void {
  const { order } = command;
  const { attempt, task, run } = order;
  const earlier = machine.commands.get(attempt);
  if (earlier !== undefined) violate('I2', `the command of ${attempt} is started a second time`);
  if (
    !machine.disk.durableText.includes(
      `"type":"AttemptStarted","run":"${run}","task":"${task}","attempt":"${attempt}"`,
    )
  )
    violate('I9', `${attempt} is started before the journal says so for good`);
  if (machine.promised.has(`${run}/${task}`))
    violate(
      'I7',
      `task ${task} is started again after ${machine.promised.get(`${run}/${task}`) ?? ''} was told that it is complete`,
    );
  const living = machine.living.filter(other => other !== command);
  for (const other of living) {
    if (other.order.run === run && other.order.task === task)
      violate('I2', `${attempt} is started while ${other.order.attempt} lives`);
    if (other.order.stage === 'review' && order.stage === 'review') continue;
    if (other.order.files.some(file => order.files.some(mine => overlaps(mine as never, file as never))))
      violate('I3', `${attempt} and ${other.order.attempt} have a file in common`);
  }
  if (living.length >= CAP) violate('I12', `${living.length + 1} commands at once`);
  const plan = machine.plans.get(run)?.value;
  for (const dependency of plan?.tasks.find(({ id }) => id === task)?.dependsOn ?? []) {
    if (
      !machine.disk.durableText.includes(
        `{"type":"TaskEnded","run":"${run}","task":"${dependency}","end":{"kind":"complete"}`,
      )
    )
      violate('I1', `${task} is started before ${dependency} is complete for good`);
  }
}

/** Held against the state after every step of the daemon. */
export function checkState(state: State): void {
  const [broken] = brokenInvariants(state);
  if (broken !== undefined) violate('state', broken);
}

/** When everything has ended. */
export function checkEnd(machine: Machine, told: Told, live: State): void {
  const { state, records } = readPast(machine);
  if (describe(state) !== describe(live)) violate('I5', 'the journal does not fold to the state that lived');
  for (const run of machine.plans.keys()) {
    if (!state.runs.has(run)) continue;
    const { violations, peak } = judge(records, run);
    if (violations[0] !== undefined) violate('I4', violations[0]);
    if (peak > CAP) violate('I12', `${peak} attempts were open at once`);
    if (!told.finished.has(run)) violate('I13', `the end of ${run} was never told`);
  }
  checkOutcomes(machine, records);
  if (machine.living.length > 0) violate('I2', 'a process outlives the end of everything');
}

/** Nothing is complete that was not: by its exit code, or by its own word. */
function checkOutcomes(machine: Machine, records: readonly JournalRecord[]): void {
  for (const fact of records.flatMap(record => record.facts)) {
    if (fact.type !== 'AttemptSettled' || fact.outcome.kind !== 'complete') continue;
    const command = machine.commands.get(fact.attempt);
    if (command === undefined) violate('I6', `${fact.attempt} is complete and was never started`);
    else if (command.fate.fails) violate('I6', `${fact.attempt} failed and counts as complete`);
  }
}

function describe(state: State): string {
  const runs = [...state.runs.values()].map(run => [
    run.id,
    run.ended?.verdict,
    run.tally,
    run.nodes.map(node => [node.task.id, node.attempts, node.status.kind, node.last?.id, node.last?.outcome]),
  ]);
  return JSON.stringify([state.seq, state.paused, [...state.attempts.keys()], runs]);
}
