import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunReport } from '../../bus-schema/report.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { replaceWithin } from '../../bus-schema/store/write-file.js';
import { workspaceLayout } from '../../bus-schema/workspace.js';
import { loadPlan, preparePlan } from '../load-plan.js';
import { executionPlan } from '../plan/execution-plan.js';
import { replay } from '../replay.js';
import type { State } from '../scheduler/state.js';
import { spooledWorkspace, unfinishedRunOf } from '../submission.js';
import { SessionStart, type Preparer } from '../workspace/session-start.js';
import { preparationPlan, type Agents, type PreparedRun } from './preparation-plan.js';
import type { Prepared } from './prepared.js';
import { complain, warn } from './terminal.js';

/** Runs a plan in which agents prepare the run; its report, if it came to an end. */
export type RunAgents = (plan: string) => Promise<RunReport | undefined>;

const { context: CONTEXT, executionPlan: PLAN } = workspaceLayout;

/** How a bus stands by its journal; undefined if it cannot be read. */
export function stateOf(bus: string): State | undefined {
  const past = replay(bus);
  return past.ok ? past.value.state : undefined;
}

/**
 * Makes the session folder of a run that is about to begin: who looks around, who orders the tasks, and what they found.
 * Nothing here is worth not running: what fails is a warning. An unfinished run of the plan goes on with the folder it has.
 * @param request names the submission.
 * @param runAgents where agents can be asked.
 */
export async function prepareSession(
  prepared: Prepared,
  request: string,
  state: State | undefined,
  runAgents?: RunAgents,
): Promise<void> {
  const { plan, place } = prepared;
  if (plan.format !== 'orchestrate') return;
  if (state !== undefined && unfinishedRunOf(state, plan) !== undefined) return;
  const folder = plan.workspace ?? spooledWorkspace(place.repo, request);
  try {
    await new Preparation(prepared, folder, runAgents).run();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    warnOf(`the session folder ${folder} could not be prepared: ${(error as Error).message}`);
  }
}

class Preparation {
  readonly #session: Prepared;
  readonly #run: PreparedRun;
  readonly #start: SessionStart;
  readonly #runAgents: RunAgents | undefined;

  constructor(session: Prepared, folder: string, runAgents: RunAgents | undefined) {
    this.#session = session;
    this.#run = { folder, taskFile: session.plan.source ?? join(folder, 'tasks.md') };
    this.#start = new SessionStart(folder);
    this.#runAgents = runAgents;
  }

  async run(): Promise<void> {
    const { folder, taskFile } = this.#run;
    const { source, plan } = this.#session;
    this.#start.begin();
    if ('text' in source) replaceWithin(folder, basename(taskFile), source.text);
    const agents = this.#agents();
    this.#start.ask('scout');
    if (agents.scout === undefined) await this.#scout();
    this.#start.ask('task-manager', {
      task_file: taskFile,
      context_file: join(folder, CONTEXT),
      worker_count: plan.settings.maxParallel,
    });
    const report = await this.#askAgents(agents);
    if (agents.scout !== undefined && !this.#hasDone('scout', CONTEXT, report)) await this.#scout(true);
    const isGrouped =
      agents.task_manager !== undefined && this.#hasDone('task-manager', PLAN, report) && this.#isObeyed();
    if (!isGrouped) this.#group(agents.task_manager !== undefined);
  }

  #agents(): Agents {
    const asked = this.#session.config.orchestrate ?? {};
    if (this.#runAgents !== undefined || Object.values(asked).every(name => name === undefined)) return asked;
    warnOf('agents that prepare a run are asked by `signalbox run` alone; the built-in ones do it');
    return {};
  }

  async #askAgents(agents: Agents): Promise<RunReport | undefined> {
    const isAsked = agents.scout !== undefined || agents.task_manager !== undefined;
    return isAsked ? this.#runAgents?.(preparationPlan(this.#run, agents)) : undefined;
  }

  /** Whether an agent has written what it was to write; if not, who does it now is said. */
  #hasDone(who: Preparer, name: typeof CONTEXT | typeof PLAN, report: RunReport | undefined): boolean {
    const task = report?.tasks.find(each => each.id === who);
    if (task?.end === 'complete' && this.#start.isForeign(name)) {
      if (!this.#exists(workspaceLayout.outbox(who)))
        this.#start.answer(who, { status: 'completed', summary: 'done by an agent' });
      return true;
    }
    const why =
      task?.cause ?? (task?.end === 'complete' ? `it wrote no ${name}` : 'it did not come to its end');
    warnOf(`the agent in the place of the ${who} has failed (${why}); the built-in one does it`);
    return false;
  }

  /** Whether the tasks can be done in the order that an agent has given them. */
  #isObeyed(): boolean {
    const { source, options, config } = this.#session;
    const { folder } = this.#run;
    const loaded =
      'path' in source
        ? loadPlan(source.path, options, config)
        : preparePlan(source.text, { file: '-', workspace: folder }, options, config);
    if (loaded.ok) {
      // The others were said when the tasks file was read.
      warn(loaded.value.warnings.filter(({ file }) => file === join(folder, PLAN)));
      return true;
    }
    warn(loaded.error.map(each => ({ ...each, severity: 'warning' })));
    warnOf(
      `the ${PLAN} of the agent in the place of the task-manager cannot be obeyed; the built-in one does it`,
    );
    return false;
  }

  /** @param anew whether what stands there is of an agent that failed. */
  async #scout(anew = false): Promise<void> {
    if (!anew && this.#start.isForeign(CONTEXT)) {
      this.#start.answer('scout', { status: 'completed', summary: `${CONTEXT} was there already` });
      return;
    }
    try {
      const { scout, summaryOf } = await import('../scout/scout.js');
      const context = await scout(this.#session.place.repo, new Date().toISOString());
      this.#start.putOwn(CONTEXT, context);
      this.#start.answer('scout', { status: 'completed', summary: summaryOf(context) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      warnOf(`the repo could not be looked through: ${why}`);
      this.#start.answer('scout', { status: 'failed', summary: 'no context', errors: [why] });
    }
  }

  #group(anew: boolean): void {
    const isKept = !anew && this.#start.isForeign(PLAN);
    const { plan } = this.#session;
    if (!isKept) this.#start.putOwn(PLAN, executionPlan(plan, new Date().toISOString()));
    const summary = isKept ? `${PLAN} was there already` : `${plan.tasks.length} tasks are ordered`;
    this.#start.answer('task-manager', { status: 'completed', summary });
  }

  #exists(name: string): boolean {
    return lstatSync(join(this.#run.folder, name), { throwIfNoEntry: false }) !== undefined;
  }
}

function warnOf(message: string): void {
  complain(`warning: ${message}`);
}
