import { formatDuration } from '../../bus-schema/duration.js';
import type { Message } from '../../bus-schema/message.js';
import type { Plan, Task } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import type { RepoPath } from '../../bus-schema/repo-path.js';
import type { Run, TaskNode } from '../scheduler/state.js';
import { hasEnded, holderOf, statusBlock, type Holder, type TaskStand } from './orchestration-block.js';
import { standsOf } from './orchestration-status.js';
import { GroupProgress } from './group-progress.js';
import { LockWaits, type LockWait } from './lock-waits.js';
import { count, text } from './payload.js';
import { LOST, shortCause } from './short-cause.js';

/** A line of progress, whole; the kind is for its colour. */
export interface ProgressLine {
  readonly kind: 'start' | 'complete' | 'failed' | 'skipped' | 'waits' | 'note' | 'group';
  readonly text: string;
}

/** Ids of attempts; any other holder of a file is a program that goes by a name of its own. */
const ATTEMPT = /\.\d+\.\d+$/;

/**
 * A tasks file's run, told by the feed in the words of the system that the format comes from. Begins with how the run
 * stands when it is made, so a run that goes on after a crash is told whole.
 */
export class OrchestrationStory {
  verdict: string | undefined;
  readonly #run: string;
  readonly #plan: Plan;
  readonly #startedAt: number;
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #stands: Map<string, TaskStand>;
  readonly #groupOf = new Map<string, GroupProgress>();
  /** Attempts of each task: the latest one's number, and how many of them do not count any more. */
  readonly #attempts = new Map<string, { readonly latest: number; readonly forgiven: number }>();
  /** Attempts that run. */
  readonly #running = new Map<string, Task>();
  readonly #waits = new LockWaits();
  /** Attempts whose loss has been told by the line of their worker. */
  readonly #lost = new Set<string>();

  constructor(run: Run) {
    this.#run = run.id;
    this.#plan = run.plan;
    this.#startedAt = Date.parse(run.startedWall);
    this.#tasks = new Map(run.plan.tasks.map(task => [task.id, task]));
    this.#stands = standsOf(run);
    for (const group of run.plan.groups) {
      const progress = new GroupProgress(group);
      for (const id of group.tasks) this.#groupOf.set(id, progress);
    }
    for (const node of run.nodes) this.#begin(node);
  }

  /** Takes a message of the feed; the lines that it is worth, if it is one of this run. */
  hear(message: Message): ProgressLine[] {
    const { type, payload } = message;
    // A worker serves the whole bus; whose it was, its attempt says.
    if (type === 'WORKER_REPLACED') return this.#replaced(text(payload.worker_id));
    if (payload.run_id !== this.#run) return [];
    if (type === 'RUN_COMPLETE') return this.#concluded(payload);
    const task = this.#tasks.get(text(payload.task_id));
    if (task === undefined) return [];
    switch (type) {
      case 'WORKER_DISPATCHED':
        return this.#dispatched(task, message);
      case 'TASK_COMPLETE':
        return this.#completed(task, message);
      case 'TASK_FAILED':
        return this.#failed(task, message);
      case 'TASK_SKIPPED':
        return this.#skipped(task, message);
      case 'TASK_RETRY':
        return this.#retried(task, message);
      case 'BLOCKED':
        this.#blocked(task, message);
        return [];
      case 'FILE_LOCK':
      case 'FILE_UNLOCK':
        this.#locked(task, message);
        return [];
      default:
        return [];
    }
  }

  /** Tasks that have waited long for a file, each told once. */
  lastingWaits(now: number): ProgressLine[] {
    return this.#waits.lasting(now).flatMap(([id, wait]) => {
      const held = this.#heldNow(id, wait);
      if (held === undefined) return [];
      this.#waits.tell(id);
      return [line('waits', `⏳ ${id} waits: ${printable(held.path, 80)} is locked by ${held.by}`)];
    });
  }

  status(now: number, mostListed?: number): string {
    const elapsedMs = now - this.#startedAt;
    return statusBlock({ plan: this.#plan, stands: this.#stands, elapsedMs }, mostListed);
  }

  #begin(node: TaskNode): void {
    const { status, task, attempts, forgiven, last } = node;
    this.#attempts.set(task.id, { latest: attempts, forgiven });
    const progress = this.#groupOf.get(task.id);
    if (progress !== undefined && !hasEnded(this.#standOf(task.id))) progress.open++;
    if (status.kind === 'running') {
      const { id, startedWall } = status.attempt;
      this.#running.set(id, task);
      progress?.begin(startedWall);
    } else if (last !== undefined) progress?.begin(last.startedWall);
  }

  #dispatched(task: Task, { payload, timestamp }: Message): ProgressLine[] {
    const worker = text(payload.worker_id);
    const forgiven = this.#attempts.get(task.id)?.forgiven ?? 0;
    this.#attempts.set(task.id, { latest: count(payload.attempt), forgiven });
    this.#running.set(text(payload.attempt_id), task);
    this.#groupOf.get(task.id)?.begin(timestamp);
    this.#put(task, { kind: 'running', worker, locks: [] });
    return [line('start', `⚡ ${task.id} started by ${printable(worker)}`)];
  }

  #completed(task: Task, { payload, timestamp }: Message): ProgressLine[] {
    const worker = text(payload.worker_id);
    const warning = text(payload.warning);
    const by = worker === '' ? '' : ` by ${printable(worker)}`;
    return [
      line('complete', `✓ ${task.id} completed${by}`),
      ...(warning === '' ? [] : [line('note', `⚠️ ${task.id}: ${printable(warning)}`)]),
      ...this.#end(task, { kind: 'complete' }, payload, timestamp),
    ];
  }

  #failed(task: Task, { payload, timestamp }: Message): ProgressLine[] {
    if (payload.cancelled === true)
      return [
        line('skipped', `– ${task.id} cancelled`),
        ...this.#end(task, { kind: 'cancelled' }, payload, timestamp),
      ];
    const cause = text(payload.error);
    return [
      line('failed', `✗ ${task.id} failed: ${shortCause(cause)}`),
      ...this.#end(task, { kind: 'failed', cause }, payload, timestamp),
    ];
  }

  #skipped(task: Task, { payload, timestamp }: Message): ProgressLine[] {
    const because = text(payload.blocked_by);
    const what = this.#standOf(because).kind === 'cancelled' ? 'cancelled' : 'failed';
    return [
      line('skipped', `– ${task.id} skipped: ${printable(because)} ${what}`),
      ...this.#end(task, { kind: 'skipped', because }, payload, timestamp),
    ];
  }

  /** By itself after a pause; or, with `revives`, an operator took back that it had ended. */
  #retried(task: Task, { payload }: Message): ProgressLine[] {
    const attempt = text(payload.attempt_id);
    this.#running.delete(attempt);
    const { latest, forgiven } = this.#attempts.get(task.id) ?? { latest: 0, forgiven: 0 };
    const { revives } = payload;
    if (Array.isArray(revives)) {
      this.verdict = undefined;
      this.#attempts.set(task.id, { latest, forgiven: latest });
      for (const each of [task, ...revives.flatMap(id => this.#tasks.get(text(id)) ?? [])])
        this.#put(each, { kind: 'open' });
      return [line('waits', `⏳ ${task.id} again, as an operator asked`)];
    }
    const cause = shortCause(text(payload.error));
    const failure = line('failed', `✗ ${task.id} failed: ${cause}`);
    if (payload.deferred === true) {
      this.#attempts.set(task.id, { latest, forgiven: forgiven + 1 });
      this.#put(task, { kind: 'deferred' });
      return [failure, line('waits', `⏳ ${task.id} deferred until the others are done`)];
    }
    const next = latest - forgiven + 1;
    this.#put(task, { kind: 'again', attempt: next });
    if (this.#lost.delete(attempt) && cause === LOST) return [];
    const pause = formatDuration(count(payload.delay_ms));
    return [
      failure,
      line('waits', `⏳ ${task.id} again in ${pause} (attempt ${next} of ${task.retries + 1})`),
    ];
  }

  #blocked(task: Task, { payload, timestamp }: Message): void {
    // One that runs asked for a file, and goes on running.
    if (this.#standOf(task.id).kind !== 'running') this.#put(task, { kind: 'locked' });
    const wait = { holder: text(payload.waiting_for), path: text(payload.resource) };
    this.#waits.begin(task.id, wait, Date.parse(timestamp));
  }

  /** A file that it asked for while it runs is its own, or is so no more. */
  #locked(task: Task, { type, payload }: Message): void {
    const stand = this.#standOf(task.id);
    if (stand.kind !== 'running') return;
    this.#waits.end(task.id);
    if (payload.withdrawn === true) return;
    const path = text(payload.filepath) as RepoPath;
    const others = stand.locks.filter(each => each !== path);
    this.#put(task, { ...stand, locks: type === 'FILE_LOCK' ? [...others, path] : others });
  }

  /** Another process serves under the id; what the old one ran is run again, if it has an attempt left. */
  #replaced(worker: string): ProgressLine[] {
    const held = [...this.#running].find(([, task]) => this.#workerOf(task) === worker);
    if (held === undefined) return [];
    const [attempt, task] = held;
    this.#lost.add(attempt);
    const { latest, forgiven } = this.#attempts.get(task.id) ?? { latest: 0, forgiven: 0 };
    const resuming = latest - forgiven <= task.retries ? `, resuming ${task.id}` : '';
    const name = printable(worker.charAt(0).toUpperCase() + worker.slice(1));
    return [line('note', `⚠️ ${name} replaced${resuming}`)];
  }

  #concluded(payload: Message['payload']): ProgressLine[] {
    this.verdict = text(payload.verdict);
    const reason = text(payload.reason).replace(/^stopped because /, '');
    return reason === '' ? [] : [line('note', `⚠️ Execution stopped: ${printable(reason)}`)];
  }

  #end(task: Task, stand: TaskStand, payload: Message['payload'], timestamp: string): ProgressLine[] {
    this.#running.delete(text(payload.attempt_id));
    this.#put(task, stand);
    const progress = this.#groupOf.get(task.id);
    const words = progress?.completed(timestamp, id => this.#standOf(id).kind === 'complete');
    return words === undefined ? [] : [line('group', words)];
  }

  #standOf(id: string): TaskStand {
    return this.#stands.get(id) ?? { kind: 'open' };
  }

  /** Counts what is open in its group anew, and ends its wait for a file. */
  #put(task: Task, stand: TaskStand): void {
    const progress = this.#groupOf.get(task.id);
    const before = this.#standOf(task.id);
    if (progress !== undefined) progress.open += Number(hasEnded(before)) - Number(hasEnded(stand));
    this.#stands.set(task.id, stand);
    if (stand.kind !== 'locked') this.#waits.end(task.id);
  }

  #workerOf(task: Task): string | undefined {
    const stand = this.#standOf(task.id);
    return stand.kind === 'running' ? stand.worker : undefined;
  }

  /** Who holds what a task waits for; undefined when nobody does any more, and it only waits for its turn. */
  #heldNow(
    id: string,
    { holder, path }: LockWait,
  ): { readonly by: string; readonly path: string } | undefined {
    const first = this.#running.get(holder);
    const worker = first === undefined ? undefined : this.#workerOf(first);
    if (worker !== undefined) return { by: printable(worker), path };
    const task = this.#tasks.get(id);
    const other = task === undefined ? undefined : holderOf(this.#wantedBy(task, path), this.#holders());
    if (other !== undefined) return { by: printable(other.worker), path: other.path };
    if (!ATTEMPT.test(holder)) return { by: printable(holder), path };
    return holder.startsWith(`${this.#run}.`) ? undefined : { by: 'another run', path };
  }

  /** All that it declares; of one that runs, what it asked for. */
  #wantedBy(task: Task, path: string): Pick<Task, 'id' | 'files' | 'access'> {
    const running = this.#standOf(task.id).kind === 'running';
    return running ? { id: task.id, files: [path as RepoPath], access: 'write' } : task;
  }

  #holders(): Holder[] {
    return [...this.#running.values()].flatMap(task => {
      const stand = this.#standOf(task.id);
      return stand.kind === 'running' ? [{ task, worker: stand.worker, locks: stand.locks }] : [];
    });
  }
}

const line = (kind: ProgressLine['kind'], words: string): ProgressLine => ({ kind, text: words });
