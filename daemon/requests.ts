import { formatDiagnostic } from '../bus-schema/diagnostic.js';
import type { RunId } from '../bus-schema/ids.js';
import type { Answer, Command } from '../bus-schema/command.js';
import { unreachable } from '../bus-schema/result.js';
import type { CommandBox } from './bus/command-box.js';
import type { Loop } from './loop.js';
import { findRun } from './projections/find-run.js';
import { whyNotPruned } from './projections/prunable.js';
import type { Message } from './scheduler/message.js';
import { isReopenable } from './scheduler/retry.js';
import type { Run } from './scheduler/state.js';
import { admit } from './submission.js';

export type StopMode = Extract<Command, { do: 'stop' }>['mode'];

type Reply = Omit<Answer, 'id'>;

/** Carries out what users ask by files in `commands/`, and answers each when it is durable. */
export class Requests {
  readonly #place: { readonly bus: string; readonly repo: string };
  readonly #box: CommandBox;
  readonly #loop: Loop;
  readonly #stop: (mode: StopMode) => void;
  readonly #prune: (runs: readonly RunId[]) => void;

  /**
   * @param stop called when the daemon is asked to end; it must not end before it has returned.
   * @param prune called with runs that have ended.
   */
  constructor(
    place: { readonly bus: string; readonly repo: string },
    parts: {
      box: CommandBox;
      loop: Loop;
      stop: (mode: StopMode) => void;
      prune: (runs: readonly RunId[]) => void;
    },
  ) {
    this.#place = place;
    this.#box = parts.box;
    this.#loop = parts.loop;
    this.#stop = parts.stop;
    this.#prune = parts.prune;
  }

  take(): void {
    for (const command of this.#box.collect()) {
      const reply = this.#carryOut(command);
      this.#box.answer({ id: command.id, ...reply });
      if (command.do === 'stop') this.#stop(command.mode);
    }
  }

  #carryOut(command: Command): Reply {
    switch (command.do) {
      case 'submit':
        return this.#submit(command);
      case 'cancel':
      case 'retry':
      case 'pause':
      case 'resume':
        return this.#onRun(command);
      case 'set-limit':
        this.#tell({ type: 'SetLimit', maxParallel: command.maxParallel });
        return { ok: true, message: `at most ${command.maxParallel} at once` };
      case 'prune':
        return this.#pruneAll(command.runs);
      case 'stop':
        return { ok: true, message: 'stopping' };
      default:
        return unreachable(command);
    }
  }

  #submit(command: Extract<Command, { do: 'submit' }>): Reply {
    const admitted = admit(command, this.#place, this.#loop);
    if (!admitted.ok) return { ok: false, code: 2, message: admitted.error.map(formatDiagnostic).join('\n') };
    const { run, continued } = admitted.value;
    return { ok: true, run, message: continued ? `run ${run} of this plan goes on` : `submitted as ${run}` };
  }

  #onRun(command: Extract<Command, { do: 'cancel' | 'retry' | 'pause' | 'resume' }>): Reply {
    const named = command.run;
    const run = named === undefined ? undefined : findRun(this.#loop.state, named);
    if (named !== undefined && run === undefined) return refuse(`there is no run ${named}`);
    switch (command.do) {
      case 'cancel':
        return this.#cancel(run, command.task);
      case 'retry':
        return this.#retry(run, command.task);
      case 'pause':
        if (run?.ended !== undefined) return refuse(`run ${run.id} has ended`);
        this.#tell({ type: 'Pause', ...(run === undefined ? {} : { run: run.id }) });
        return {
          ok: true,
          message: run === undefined ? 'paused: nothing new is started' : `run ${run.id} is paused`,
        };
      case 'resume':
        this.#tell({ type: 'Resume', ...(run === undefined ? {} : { run: run.id }) });
        return { ok: true, message: run === undefined ? 'resumed' : `run ${run.id} is resumed` };
      default:
        return unreachable(command);
    }
  }

  #cancel(run: Run | undefined, task: string | undefined): Reply {
    if (run === undefined) return refuse('name a run');
    if (run.ended !== undefined) return refuse(`run ${run.id} has ended`);
    if (task === undefined) {
      this.#tell({ type: 'Cancel', run: run.id });
      return { ok: true, run: run.id, message: `run ${run.id} is being cancelled` };
    }
    const node = run.nodes.find(each => each.task.id === task);
    if (node === undefined) return refuse(`run ${run.id} has no task ${task}`);
    if (node.status.kind === 'ended' || node.status.kind === 'before') {
      return refuse(`task ${task} of run ${run.id} has ended already: it is ${describeStatus(node.status)}`);
    }
    this.#tell({ type: 'Cancel', run: run.id, task: node.task.id });
    return { ok: true, run: run.id, message: `task ${task} is being cancelled` };
  }

  #retry(named: Run | undefined, task: string): Reply {
    const runs = named === undefined ? [...this.#loop.state.runs.values()].reverse() : [named];
    const node = runs.flatMap(run => run.nodes.filter(each => each.task.id === task)).at(0);
    if (node === undefined) return refuse(`there is no task ${task}`);
    if (node.status.kind !== 'backoff' && !isReopenable(node)) {
      return refuse(
        `task ${task} of run ${node.run.id} cannot be tried again: it is ${describeStatus(node.status)}`,
      );
    }
    this.#tell({ type: 'Retry', run: node.run.id, task: node.task.id });
    return { ok: true, run: node.run.id, message: `task ${task} of run ${node.run.id} is tried again` };
  }

  /** By whole ids alone: what is gone is gone. */
  #pruneAll(ids: readonly string[]): Reply {
    const { runs } = this.#loop.state;
    const wrong = ids.flatMap(id => {
      const run = runs.get(id as RunId);
      return (run === undefined ? `there is no run ${id}` : whyNotPruned(run)) ?? [];
    });
    if (wrong.length > 0) return refuse(wrong.join('\n'));
    this.#prune(ids as readonly RunId[]);
    return { ok: true, message: `${ids.length} ${ids.length === 1 ? 'run was' : 'runs were'} pruned` };
  }

  #tell(message: Message): void {
    this.#loop.post(() => message);
    this.#loop.turn();
  }
}

function describeStatus(status: Run['nodes'][number]['status']): string {
  return status.kind === 'ended'
    ? status.end.kind
    : status.kind === 'before'
      ? 'marked as done in its plan'
      : status.kind;
}

function refuse(message: string): Reply {
  return { ok: false, code: 2, message };
}
