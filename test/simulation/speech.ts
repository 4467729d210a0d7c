import { eventName } from '../../bus-schema/event-name.js';
import type { SimCommand } from './command.js';
import type { Machine } from './machine.js';

/**
 * An agent may tell its own outcome, whether or not its worker still lives: as one that knows nothing of tokens does, or
 * with the token and durably, and then it was promised that its work is done, if nobody had asked for its end by then.
 */
export function speak(machine: Machine, command: SimCommand, isToEnd: boolean): void {
  const { fate, order } = command;
  if (!command.leads || command.spoke || fate.ownWord === 'none' || machine.dice.chance(0.5)) return;
  command.spoke = true;
  const type = fate.fails ? 'TASK_FAILED' : 'TASK_COMPLETE';
  const durable = fate.ownWord === 'durable';
  const names = [eventName(type, order.task), eventName(type, order.task, order.attempt)];
  const sender = durable ? { run: order.run, attempt: order.attempt, token: order.token } : {};
  const word = machine.drop({ name: { type, id: order.task }, text: '', ...sender }, names, durable);
  if (word !== undefined) machine.words.set(word.inode, order.attempt);
  const task = machine.plans.get(order.run)?.value.tasks.find(({ id }) => id === order.task);
  // The word of the work is not the last one where a review follows.
  if (durable && !fate.fails && task?.review === undefined && !isToEnd)
    machine.promised.set(`${order.run}/${order.task}`, order.attempt);
}

/** An agent asks for files while it runs, or gives back what it has. */
export function askForLocks(machine: Machine, { order }: SimCommand): void {
  const { dice } = machine;
  const paths = ['x', 'y', 'x/z', 'w'].filter(() => dice.chance(0.4));
  const type = dice.chance(0.7) ? 'FILE_LOCK_REQUEST' : 'FILE_UNLOCK';
  const id = `${order.task}-${dice.upTo(99)}`;
  machine.drop({ name: { type, id }, text: '', token: order.token, paths }, [eventName(type, id)]);
}
