import { formatDuration } from '../../bus-schema/duration.js';
import type { Group } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';

const RULE = '═══';

/** How far a group is, for the line at its end. */
export class GroupProgress {
  readonly #group: Group;
  /** Tasks that have not ended. */
  open = 0;
  /** Epoch milliseconds of its first start. */
  #startedAt = Infinity;

  constructor(group: Group) {
    this.#group = group;
  }

  /** @param wall when a task of it was started. */
  begin(wall: string): void {
    const at = Date.parse(wall);
    // What is no time at all is not earlier than anything.
    if (at < this.#startedAt) this.#startedAt = at;
  }

  /** What is to be said when a task of it has ended: nothing as long as others have not, or if none ever began. */
  completed(wall: string, isComplete: (task: string) => boolean): string | undefined {
    if (this.open > 0 || this.#startedAt === Infinity) return undefined;
    const { id, tasks } = this.#group;
    const complete = tasks.filter(isComplete).length;
    const share = complete === tasks.length ? '' : `${complete} of `;
    const count = `${share}${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`;
    const time = inSeconds(Date.parse(wall) - this.#startedAt);
    return `${RULE} Group ${printable(id)} completed: ${count} in ${time} ${RULE}`;
  }
}

/** `12s`, `4m07s`, `2h05m`. */
function inSeconds(ms: number): string {
  return ms >= 60_000 ? formatDuration(ms) : `${ms > 0 ? Math.round(ms / 1000) : 0}s`;
}
