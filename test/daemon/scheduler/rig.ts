import type { Fact, JournalRecord } from '../../../bus-schema/fact.js';
import type { AttemptId, RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Plan, Task, Work } from '../../../bus-schema/plan.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { decide } from '../../../daemon/scheduler/decide.js';
import { evolve } from '../../../daemon/scheduler/evolve.js';
import { brokenInvariants } from '../../../daemon/scheduler/invariants.js';
import type { Message } from '../../../daemon/scheduler/message.js';
import { emptyState, type State } from '../../../daemon/scheduler/state.js';

/** A scheduler with a hand-moved clock and nothing else: messages in, facts out, invariants checked after every step. */
export class SchedulerRig {
  readonly state: State = emptyState();
  readonly records: JournalRecord[] = [];
  at = 1_000_000;

  constructor(maxParallel = 100) {
    this.say({ type: 'Boot', bootId: 'boot-1', pid: 1, version: '0', seed: 'seed', maxParallel });
  }

  /** One message, then everything that can be started. */
  say(message: Message): readonly Fact[] {
    const facts = [...this.#step(message)];
    for (const asked of ['Tick', 'Dispatch'] as const) {
      for (let more = this.#step({ type: asked }); more.length > 0; more = this.#step({ type: asked }))
        facts.push(...more);
    }
    return facts;
  }

  submit(plan: Plan, run = 'run-1'): readonly Fact[] {
    return this.say({ type: 'Submit', run: run as RunId, plan, planDigest: 'p', workDigest: 'w' });
  }

  /** Ids of the running tasks, in the order they were started. */
  get running(): string[] {
    return [...this.state.attempts.values()].map(attempt => attempt.node.task.id);
  }

  attempt(task: string): AttemptId {
    const found = [...this.state.attempts.values()].find(attempt => attempt.node.task.id === task);
    if (found === undefined) throw new Error(`task ${task} is not running`);
    return found.id;
  }

  complete(task: string): readonly Fact[] {
    return this.say({ type: 'Exited', attempt: this.attempt(task), outcome: { kind: 'complete' } });
  }

  fail(task: string): readonly Fact[] {
    const outcome = { kind: 'failed', reason: 'exit', message: 'exit code 1' } as const;
    return this.say({ type: 'Exited', attempt: this.attempt(task), outcome });
  }

  status(task: string, run = 'run-1'): string {
    const node = this.state.runs.get(run as RunId)?.byId.get(task as TaskId);
    return node?.status.kind === 'ended' ? node.status.end.kind : (node?.status.kind ?? 'unknown');
  }

  /** The state that the records fold to when they are read again from the start. */
  replayed(): State {
    const state = emptyState();
    for (const record of this.records) evolve(state, record);
    return state;
  }

  #step(message: Message): readonly Fact[] {
    const facts = decide(this.state, message, { at: this.at, wallAt: this.at });
    if (facts.length === 0) return facts;
    const record = { seq: this.state.seq + 1, at: this.at, wall: new Date(this.at).toISOString(), facts };
    this.records.push(record);
    evolve(this.state, record);
    const broken = brokenInvariants(this.state);
    if (broken.length > 0)
      throw new Error(`after ${JSON.stringify(message).slice(0, 200)}: ${broken.join('; ')}`);
    return facts;
  }
}

export interface TaskSketch extends Partial<Omit<Task, 'id' | 'dependsOn' | 'files'>> {
  readonly id: string;
  readonly needs?: readonly string[];
  readonly files?: readonly string[];
}

export const agentWork = (agent: string): Work => ({
  kind: 'agent',
  agent,
  argv: [agent],
  prompt: '',
  promptBy: 'argv',
  env: [],
});

export function aPlan(
  sketches: readonly TaskSketch[],
  settings: Partial<Plan['settings']> = {},
  limits: Plan['limits'] = {},
): Plan {
  return {
    version: 1,
    format: 'native',
    name: 'sketch',
    groups: [],
    limits,
    tick: false,
    tasks: sketches.map(aTask),
    settings: {
      maxParallel: 5,
      heartbeatTimeoutMs: 600_000,
      onFailure: 'continue',
      schedule: 'dag',
      backoffFirstMs: 1000,
      backoffLongestMs: 300_000,
      ...settings,
    },
  };
}

function aTask({ id, needs = [], files = [], ...rest }: TaskSketch): Task {
  return {
    title: id,
    work: { kind: 'shell', command: 'true' },
    access: 'write',
    priority: 2,
    env: {},
    done: false,
    timeoutMs: 1_800_000,
    retries: 0,
    ...rest,
    id: id as TaskId,
    dependsOn: needs as TaskId[],
    files: files as RepoPath[],
  };
}
