import { eventName, type EventType } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';
import { SettledEvents } from '../../daemon/bus/settled-events.js';
import type { DropSource, EventDrop } from '../../daemon/bus/drop-source.js';
import { checkRemoval } from './checks.js';
import type { Machine } from './machine.js';

/** One daemon's view of `events/`: which files it knows, it forgets when it dies. */
export class SimDrops implements DropSource {
  readonly #machine: Machine;
  readonly #settled = new SettledEvents();
  readonly #pending = new Set<string>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  scan(): void {
    for (const file of this.#machine.events.keys()) if (!this.#settled.has(file)) this.#pending.add(file);
  }

  collect(): EventDrop[] {
    const found = new Map<string, EventDrop>();
    for (const file of this.#pending) {
      const drop = this.#settled.has(file) ? undefined : this.#machine.events.get(file)?.value;
      if (drop === undefined) continue;
      // What was said from within an attempt lies there when its end is told, whether or not a hint came.
      if (drop.outcome !== undefined) for (const said of this.#saidBefore(drop)) found.set(said.file, said);
      found.set(file, drop);
    }
    this.#pending.clear();
    return [...found.values()].sort(
      (a, b) => Number(a.outcome !== undefined) - Number(b.outcome !== undefined),
    );
  }

  keep(file: string, run: RunId | undefined): void {
    this.#settled.add(file, run);
  }

  consume(file: string): void {
    this.#machine.call();
    this.#settled.delete(file);
    this.#remove(file);
  }

  reject(file: string): void {
    this.#machine.call();
    this.#settled.delete(file);
    this.#move(file, this.#machine.rejected);
  }

  stowFile(file: string): void {
    this.#machine.call();
    this.#settled.delete(file);
    this.#move(file, this.#machine.stowed);
  }

  /** Files that nobody has dealt with. */
  get unread(): string[] {
    return [...this.#machine.events.keys()].filter(file => !this.#settled.has(file));
  }

  stow(run: RunId, task?: string): void {
    const files = task === undefined ? this.#settled.ofRun(run) : this.#settled.undoneBy(run, task);
    for (const file of files) this.stowFile(file);
  }

  stowForGood(run: RunId): void {
    this.stow(run);
    this.#machine.call();
    this.#machine.syncRemovals();
  }

  signal(type: EventType, id: string, run: RunId): void {
    this.#machine.call();
    const file = eventName(type, id);
    this.#settled.add(file, run);
    this.#remove(file);
    this.#machine.drop({ name: { type, id }, text: '' }, [file]);
  }

  #saidBefore({ name, file }: EventDrop): EventDrop[] {
    return (['TASK_FAILED', 'TASK_COMPLETE'] as const).flatMap(type => {
      const other = eventName(type, name.id);
      const said = this.#machine.events.get(other)?.value;
      return other === file || this.#settled.has(other) || said === undefined || said.outcome !== undefined
        ? []
        : [said];
    });
  }

  #move(file: string, to: EventDrop[]): void {
    const event = this.#machine.events.get(file);
    if (event === undefined) return;
    checkRemoval(this.#machine, event.value);
    this.#machine.remove(event.value, to);
  }

  #remove(file: string): void {
    const event = this.#machine.events.get(file);
    if (event === undefined) return;
    checkRemoval(this.#machine, event.value);
    this.#machine.remove(event.value);
  }
}
