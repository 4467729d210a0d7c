import type { Fact, JournalRecord } from '../../bus-schema/fact.js';
import type { Plan, Task } from '../../bus-schema/plan.js';
import { LockBook } from './lock-book.js';

/**
 * Judges a run from the journal alone, by rules written down a second time and as simply as possible, without the
 * scheduler's code: every task once, none before its dependencies, no file twice at once, never more than allowed.
 */
export interface Verdict {
  readonly violations: string[];
  readonly started: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, string>;
  /** Most attempts that were open at once. */
  readonly peak: number;
}

export function judge(records: readonly JournalRecord[], run: string): Verdict {
  const trial = new Trial(run);
  for (const record of records) for (const fact of record.facts) trial.hear(fact);
  return trial.verdict();
}

class Trial {
  readonly #run: string;
  readonly #violations: string[] = [];
  readonly #tasks = new Map<string, Task>();
  readonly #open = new Map<string, Task>();
  readonly #started = new Map<string, number>();
  readonly #ends = new Map<string, string>();
  readonly #locks = new LockBook(violation => {
    this.#blame(violation);
  });
  #plan: Plan | undefined;
  #peak = 0;

  constructor(run: string) {
    this.#run = run;
  }

  hear(fact: Fact): void {
    if ('run' in fact && fact.run !== this.#run) return;
    this.#locks.hear(fact);
    if (!('run' in fact)) return;
    if (fact.type === 'RunSubmitted') this.#admit(fact.plan);
    if (fact.type === 'AttemptStarted') this.#start(fact.attempt, fact.task, fact.stage);
    if (fact.type === 'AttemptSettled' && !this.#open.delete(fact.attempt))
      this.#blame(`${fact.attempt} is settled twice, or never began`);
    if (fact.type === 'TaskEnded') this.#end(fact.task, fact.end.kind);
    if (fact.type === 'TaskReopened')
      for (const task of [fact.task, ...fact.revives]) this.#ends.delete(task);
  }

  verdict(): Verdict {
    for (const [id, task] of this.#tasks) {
      if (!task.done && !this.#ends.has(id)) this.#blame(`task ${id} never ended`);
    }
    if (this.#plan === undefined) this.#blame(`there is no run ${this.#run}`);
    return { violations: this.#violations, started: this.#started, ends: this.#ends, peak: this.#peak };
  }

  #admit(plan: Plan): void {
    if (this.#plan !== undefined) this.#blame('submitted twice');
    this.#plan = plan;
    for (const task of plan.tasks) {
      this.#tasks.set(task.id, task);
      if (task.done) this.#ends.set(task.id, 'complete');
    }
  }

  #start(attempt: string, id: string, stage: 'review' | 'fix' | undefined): void {
    const known = this.#tasks.get(id);
    if (known === undefined) return this.#blame(`unknown task ${id}`);
    const task: Task = stage === 'review' ? { ...known, access: 'read' } : known;
    if (stage !== undefined && (known.review === undefined || !this.#started.has(id)))
      this.#blame(`task ${id} comes to its ${stage} without work, or without being asked`);
    if (this.#ends.has(id)) this.#blame(`task ${id} is started after its end`);
    for (const dependency of task.dependsOn) {
      if (this.#ends.get(dependency) !== 'complete')
        this.#blame(`task ${id} is started before ${dependency} is complete`);
    }
    for (const [other, running] of this.#open) {
      if (running.id === id) this.#blame(`task ${id} runs twice at once`);
      if (other === attempt) this.#blame(`${attempt} is started twice`);
    }
    this.#locks.start(attempt, task.files, task.access === 'read');
    this.#open.set(attempt, task);
    this.#started.set(id, (this.#started.get(id) ?? 0) + 1);
    this.#peak = Math.max(this.#peak, this.#open.size);
    if (this.#plan !== undefined && this.#open.size > this.#plan.settings.maxParallel)
      this.#blame('more at once than allowed');
  }

  #end(id: string, kind: string): void {
    if (this.#ends.has(id)) this.#blame(`task ${id} ends twice`);
    const needs = this.#tasks.get(id)?.dependsOn ?? [];
    if (kind === 'skipped' && needs.every(need => (this.#ends.get(need) ?? 'complete') === 'complete'))
      this.#blame(`task ${id} is skipped, and nothing that it needs has failed`);
    this.#ends.set(id, kind);
  }

  #blame(violation: string): void {
    this.#violations.push(violation);
  }
}
