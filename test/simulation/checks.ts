import type { AttemptId } from '../../bus-schema/ids.js';
import type { Fact, JournalRecord } from '../../bus-schema/fact.js';
import type { OwnMessage } from '../../bus-schema/message.js';
import { overlaps } from '../../bus-schema/repo-path.js';
import { feedSeq } from '../../daemon/projections/feed.js';
import { brokenInvariants } from '../../daemon/scheduler/invariants.js';
import type { EventDrop } from '../../daemon/bus/drop-source.js';
import type { Attempt, State } from '../../daemon/scheduler/state.js';
import { judge } from '../oracle/journal-oracle.js';
import type { SimCommand } from './command.js';
import type { Machine } from './machine.js';
import { readPast, type Life, type Told } from './life.js';
import { HEARTBEAT_MS } from './pool.js';
import type { SimWorker } from './worker.js';

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
  if (!isDurable(machine, 'AttemptStarted', order))
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

/** Nobody is told of what the synced journal does not have. */
export function checkTold({ disk }: Machine, messages: readonly OwnMessage[]): void {
  const text = disk.durableText;
  for (const { id, source, type } of messages) {
    const seq = feedSeq(id, source);
    if (seq !== undefined && !text.includes(`"seq":${seq},`))
      violate('I9', `${type} is told before the journal has record ${seq} for good`);
  }
}

/** Held against the state after every step of the daemon. */
export function checkState(state: State): void {
  const [broken] = brokenInvariants(state);
  if (broken !== undefined) violate('state', broken);
  checkIdleSlots(state);
}

/** What lives belongs to an attempt that is open: slot and files are held until nothing is left of it. */
export function checkLiving(machine: Machine, state: State): void {
  for (const { order } of machine.living)
    if (!state.attempts.has(order.attempt)) violate('I2', `${order.attempt} is over, and its command lives`);
}

/** A daemon that has just taken over ends what is claimed and has nobody any more. */
export function checkTakenOver(
  { claims, workers }: Machine,
  state: State,
  isBuried: (attempt: Attempt) => boolean,
): void {
  for (const attempt of state.attempts.values()) {
    const holder = claims.get(attempt.id)?.value;
    const lives = [...workers.values()].some(({ alive, identity }) => alive && identity === holder);
    if (holder !== undefined && !lives && !isBuried(attempt))
      violate('I13', `${attempt.id} was claimed by one that is dead, and is not ended`);
  }
}

/** An attempt counts as lost only when everything was read that came from it. */
export function checkLost({ events, words }: Machine, { unread }: Life, lost: AttemptId): void {
  for (const file of unread) {
    const event = events.get(file)?.value;
    if (event !== undefined && (event.attempt === lost || words.get(event.inode) === lost))
      violate('I23', `${lost} counts as lost, and nobody has read ${file}`);
  }
}

/** No task that may start waits while there is a slot for it. */
function checkIdleSlots(state: State): void {
  if (state.paused || state.draining || state.attempts.size >= state.maxParallel) return;
  for (const run of state.active) {
    if (run.paused || run.stopping !== undefined || run.running >= run.plan.settings.maxParallel) continue;
    const idle = run.nodes.find(({ status, lane }) => status.kind === 'ready' && lane.running < lane.limit);
    if (idle !== undefined) violate('I18', `${idle.task.id} of ${run.id} may start, and nothing starts it`);
  }
}

/** A file that tells what became of an attempt is taken away only when the synced journal has it too. */
export function checkRemoval(machine: Machine, { attempt, token, file }: EventDrop): void {
  const order = machine.commands.get(attempt as AttemptId)?.order;
  if (order === undefined || order.token !== token) return;
  if (!isDurable(machine, 'AttemptSettled', order) && !isDurable(machine, 'OutcomeReported', order))
    violate('I10', `${file} is taken away before the journal has for good what it tells`);
}

function isDurable(
  { disk }: Machine,
  type: Fact['type'],
  { run, task, attempt }: SimCommand['order'],
): boolean {
  return disk.durableText.includes(`"type":"${type}","run":"${run}","task":"${task}","attempt":"${attempt}"`);
}

/** Beats that a worker has to miss. */
const FROZEN_MS = 3 * HEARTBEAT_MS;

interface Reaped {
  readonly worker: SimWorker;
  /** All that the daemon watches, this one among them. */
  readonly watched: readonly SimWorker[];
  /** When the daemon began to watch, on the clock that stands still while nobody does. */
  readonly since: number;
}

/** A worker is ended for its silence only when it was silent, and for as long as it takes, before the eyes of this daemon. */
export function checkFrozen(machine: Machine, { worker, watched, since }: Reaped): void {
  const { id, frozenAt } = worker;
  if (frozenAt === undefined) violate('I11', `${id} is ended for its silence, and beats`);
  const silentMs = machine.watchedMs - Math.max(since, frozenAt);
  const frozen = watched.filter(other => other.frozenAt !== undefined);
  const isMass = frozen.length >= 2 && frozen.length * 2 >= watched.length;
  const atOnce = isMass && frozen.every(other => other.frozenAt === frozenAt);
  // Whoever fell silent up to a beat before them was doubted with them, and that long earlier.
  if (silentMs < (atOnce ? 2 * FROZEN_MS - HEARTBEAT_MS : FROZEN_MS))
    violate('I11', `${id} is ended after ${silentMs} ms of silence${atOnce ? ' that befell many' : ''}`);
}

/** The same of an attempt that does not get on. */
export function checkStalled(machine: Machine, attempt: Attempt | undefined, since: number): void {
  const command = attempt && machine.commands.get(attempt.id);
  if (attempt === undefined || command === undefined) return;
  const silentMs = machine.watchedMs - Math.max(since, command.printedAt);
  if (silentMs < attempt.node.run.plan.settings.heartbeatTimeoutMs)
    violate('I11', `${attempt.id} counts as stalled after ${silentMs} ms of silence`);
}

/** The daemon ends nothing for its timeout before that is over; it bounds the attempt, from when a worker was to begin it. */
export function checkTimeout({ handedOut, countedMs }: Machine, { id, node }: Attempt): void {
  const spentMs = countedMs - (handedOut.get(id) ?? -Infinity);
  if (spentMs < node.task.timeoutMs) violate('I11', `${id} is ended for its timeout after ${spentMs} ms`);
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
  checkNumbers(records);
  checkWords(machine, records);
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

/** What a command said of itself counts for its own attempt, whenever its file is read, and how often. */
function checkWords({ words }: Machine, records: readonly JournalRecord[]): void {
  for (const fact of records.flatMap(record => record.facts)) {
    if (fact.type !== 'OutcomeReported') continue;
    const speaker = words.get(fact.source.inode);
    if (speaker !== fact.attempt)
      violate('I20', `what ${speaker ?? 'nobody'} said of itself counts for ${fact.attempt}`);
  }
}

/** When all has ended and a while has passed: every file was dealt with, and nothing more was written. */
export function checkRest(
  { files, events, stowed, rejected }: Machine,
  { life, seq }: { readonly life: Life | undefined; readonly seq: number },
): void {
  const [unread] = life?.unread ?? [];
  if (unread !== undefined) violate('I19', `${unread} was never dealt with`);
  const kept = events.size + stowed.length + rejected.length + files.gone;
  if (kept !== files.made) violate('I19', `${files.made} files were made, and ${kept} are accounted for`);
  if (life?.loop.state.seq !== seq) violate('I22', 'the journal grows though nothing happens');
}

/** Attempts of a task are counted up, and no token is given twice. */
function checkNumbers(records: readonly JournalRecord[]): void {
  const last = new Map<string, number>();
  const tokens = new Set<string>();
  for (const fact of records.flatMap(record => record.facts)) {
    if (fact.type !== 'AttemptStarted') continue;
    const task = `${fact.run}/${fact.task}`;
    if (fact.number !== (last.get(task) ?? 0) + 1)
      violate('I8', `${fact.attempt} follows attempt ${last.get(task) ?? 0}`);
    last.set(task, fact.number);
    if (tokens.has(fact.token)) violate('I8', `${fact.attempt} has the token of an earlier attempt`);
    tokens.add(fact.token);
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
