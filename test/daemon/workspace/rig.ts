import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Plan } from '../../../bus-schema/plan.js';
import type { WorkspaceView } from '../../../bus-schema/workspace.js';
import { workspaceView } from '../../../daemon/projections/workspace-view.js';
import { meaningOf } from '../../../daemon/scheduler/attribution.js';
import { Workspaces } from '../../../daemon/workspace/workspaces.js';
import { freshFolder } from '../../fresh-folder.js';
import { SchedulerRig } from '../scheduler/rig.js';

/** A scheduler and the session folders of its runs, without daemon and workers. */
export class WorkspaceRig {
  readonly scheduler = new SchedulerRig();
  readonly folder: string;
  readonly gone: string[] = [];
  readonly trouble: string[] = [];
  hints = 0;
  progress = 'on the way\n';
  readonly workspaces: Workspaces;
  readonly #remove: () => void;

  constructor() {
    const { path, remove } = freshFolder();
    this.#remove = remove;
    this.folder = join(path, 'tasks', 'parallel-session');
    this.scheduler.at = Date.now();
    this.workspaces = new Workspaces({
      active: () => [...this.scheduler.state.active].flatMap(run => this.#viewOf(run.id) ?? []),
      viewOf: run => this.#viewOf(run),
      tasksOf: run => ({
        isTask: word => this.scheduler.state.runs.get(run)?.byId.has(word as TaskId) === true,
        workerOf: task => {
          const status = this.scheduler.state.runs.get(run)?.byId.get(task as TaskId)?.status;
          return status?.kind === 'running' ? status.attempt.worker : undefined;
        },
      }),
      executionPlan: () => '{"groups":[]}\n',
      onHint: () => this.hints++,
      onGone: (_run, message) => this.gone.push(message),
      onTrouble: (place, why) => this.trouble.push(`${place}: ${why}`),
    });
  }

  submit(plan: Plan, run = 'run-1'): void {
    this.scheduler.submit({ ...plan, workspace: this.folder }, run);
    this.workspaces.look();
  }

  /** What drops there are, done as the daemon does it. */
  take(): string[] {
    return this.workspaces.collect().map(drop => {
      const meaning = meaningOf(this.scheduler.state, drop);
      if (meaning.kind === 'message') this.scheduler.say(meaning.message);
      return `${drop.name.type} ${drop.name.id} ${meaning.kind}`;
    });
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  json(file: string): unknown {
    return JSON.parse(this.read(file));
  }

  names(folder = '.'): string[] {
    return readdirSync(join(this.folder, folder)).sort();
  }

  /** As the outbox of a worker has it. */
  outbox(worker: string, completed: readonly unknown[], failed: readonly unknown[] = []): void {
    const text = JSON.stringify({ worker_id: worker, tasks_completed: completed, tasks_failed: failed });
    this.write(`messages/${worker}-outbox.json`, text);
  }

  remove(): void {
    this.workspaces.close();
    this.#remove();
  }

  #viewOf(id: RunId): WorkspaceView | undefined {
    const { state } = this.scheduler;
    const run = state.runs.get(id);
    return run === undefined ? undefined : workspaceView(run, state, this.folder, this.progress);
  }
}
