import { join } from 'node:path';
import type { Command } from '../../bus-schema/command.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import type { Plan } from '../../bus-schema/plan.js';
import { removeAll } from '../../bus-schema/store/folder.js';
import { createBus } from '../bus/open-bus.js';
import type { Daemon } from '../daemon.js';
import { startDaemon } from '../main.js';
import type { Run } from '../scheduler/state.js';
import { requestId } from '../submission.js';
import { missingPrograms } from './agents-on-path.js';
import { ask } from './ask.js';
import { EXIT } from './exit-codes.js';
import type { RunFlags } from './flags.js';
import { newestTasksFile, TASKS_FILES } from './input.js';
import { placeOf } from './place.js';
import { prepare, type Prepared } from './prepared.js';
import { prepareSession, stateOf, type RunAgents } from './session.js';
import { spool } from './stdin-plan.js';
import { complain, err, out, refuse, warn } from './terminal.js';
import { feedSize, followRun, watchRun } from './watch-run.js';

/** `run`: a plan, from its file to its report. Answers the exit code. */
export async function run(input: string | undefined, flags: RunFlags): Promise<number> {
  const named = input ?? newestOf(flags);
  if (typeof named === 'object') return refuse([named]);
  const prepared = prepare(named, flags, placeOf(flags));
  if (!prepared.ok) return refuse(prepared.error);
  const { plan, place, config, warnings } = prepared.value;
  warn(warnings);
  if (flags.dryRun === true) {
    const { printPlan } = await import('./print-plan.js');
    out(printPlan(plan, flags.json === true ? 'json' : 'text', config));
    return EXIT.complete;
  }
  const absent = missingPrograms(plan, process.env.PATH ?? '');
  if (absent.length > 0) return refuse(absent.map(absentProgram));
  nameDone(plan);
  const created = createBus(place.bus);
  if (!created.ok) return refuse([created.error]);
  return (await runHere(prepared.value, flags)) ?? (await runThere(prepared.value, flags));
}

/** Without a cap in the config, each run's own limit is all there is. */
const UNCAPPED = 1000;

/** With a daemon of our own, for as long as the run takes. Nothing when another one holds the bus already. */
async function runHere(prepared: Prepared, flags: RunFlags): Promise<number | undefined> {
  const { place, config } = prepared;
  const maxParallel = config.parallelism?.maxParallelTasks ?? UNCAPPED;
  const started = startDaemon({ place, config, maxParallel, expectsWork: true });
  if (!started.ok) return started.error.kind === 'busy' ? undefined : refuse(started.error.diagnostics);
  const daemon = started.value;
  const release = obeySignals(daemon);
  const id = requestId();
  await prepareSession(prepared, id, daemon.state, agentsHere(prepared, daemon));
  if (daemon.isStopping) {
    await daemon.ended;
    release();
    return EXIT.stopped;
  }
  const from = feedSize(place.bus);
  const admitted = daemon.submit({
    ...handIn(prepared, id),
    options: prepared.options,
    read: isSettled(prepared) ? prepared : undefined,
  });
  if (!admitted.ok) {
    daemon.stop('leave');
    await daemon.ended;
    release();
    return refuse(admitted.error);
  }
  if (admitted.value.continued) err(`run ${admitted.value.run} of this plan was not finished: it goes on`);
  tellOfOthers(daemon, admitted.value.run);
  const { run } = admitted.value;
  const stand = daemon.state.runs.get(run);
  const code = await watchRun({ bus: place.bus, run, from, flags, stand, gone: daemon.ended });
  const others = daemon.state.active.size;
  if (others > 0)
    err(`the daemon stays for ${others} other unfinished ${others === 1 ? 'run' : 'runs'}; Ctrl-C ends it`);
  daemon.stopWhenIdle();
  await daemon.ended;
  release();
  return code;
}

/** By the daemon that is up. */
async function runThere(prepared: Prepared, flags: RunFlags): Promise<number> {
  const { place } = prepared;
  const id = requestId();
  await prepareSession(prepared, id, stateOf(place.bus), agentsThere(prepared));
  const from = feedSize(place.bus);
  const question = {
    do: 'submit',
    ...handIn(prepared, id),
    options: prepared.options,
  } satisfies Partial<Command>;
  const answer = await ask(place.bus, question, id);
  if (!answer.ok || answer.run === undefined) {
    complain(answer.message);
    return answer.code ?? EXIT.failed;
  }
  err(`a daemon is up: ${answer.message}`);
  return watchRun({ bus: place.bus, run: answer.run, from, flags, stand: standOf(prepared, answer.run) });
}

/** By the journal, which is read only where the run's view begins with it. */
function standOf({ place, plan }: Prepared, run: string): Run | undefined {
  return plan.format === 'orchestrate' ? stateOf(place.bus)?.runs.get(run as RunId) : undefined;
}

/** What a plan in which agents prepare this run comes to. */
function agentsHere({ place }: Prepared, daemon: Daemon): RunAgents {
  return async text => {
    const id = requestId();
    const from = feedSize(place.bus);
    const admitted = daemon.submit({ plan: spool(place.bus, id, text), id, spooled: true, options: {} });
    if (!admitted.ok) {
      removeAll(join(place.bus, layout.spooledPlan(id)));
      refuse(admitted.error);
      return undefined;
    }
    return followRun({ bus: place.bus, run: admitted.value.run, from, gone: daemon.ended });
  };
}

function agentsThere({ place }: Prepared): RunAgents {
  return async text => {
    const id = requestId();
    const from = feedSize(place.bus);
    const plan = spool(place.bus, id, text);
    const answer = await ask(place.bus, { do: 'submit', plan, options: {}, spooled: true }, id);
    removeAll(plan);
    if (answer.ok && answer.run !== undefined) return followRun({ bus: place.bus, run: answer.run, from });
    complain(answer.message);
    return undefined;
  };
}

function handIn(prepared: Prepared, id: string): { plan: string; id: string; spooled: boolean } {
  const { source, place } = prepared;
  if ('path' in source) return { plan: source.path, id, spooled: false };
  return { plan: spool(place.bus, id, source.text), id, spooled: true };
}

/** A bus has one daemon, and it goes on with whatever is unfinished there. */
function tellOfOthers({ state }: Daemon, ours: string): void {
  for (const run of state.active) {
    if (run.id !== ours)
      err(`run ${run.id} was not finished either: it goes on too (signalbox cancel ${run.id} ends it)`);
  }
  if (state.paused) err('the bus is paused: nothing is started until `signalbox resume`');
}

function nameDone({ tasks }: Plan): void {
  const done = tasks.filter(task => task.done).map(task => task.id);
  if (done.length > 0) err(`done already, by the plan: ${done.join(', ')} (--fresh runs them too)`);
}

/**
 * The first Ctrl-C lets running tasks end and starts no other, the second ends them, the third leaves them to their workers.
 * SIGTERM ends them at once; a terminal that goes leaves them: the same command takes them up again.
 */
function obeySignals(daemon: Daemon): () => void {
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts++;
    const running = daemon.state.attempts.size;
    if (interrupts === 1) err(`stopping: nothing new is started, ${running} running; Ctrl-C again ends them`);
    if (interrupts === 2) err('ending what runs');
    daemon.stop(interrupts === 1 ? 'drain' : interrupts === 2 ? 'cancel' : 'leave');
  };
  const onTerminate = (): void => {
    daemon.stop('cancel');
  };
  const onHangup = (): void => {
    daemon.stop('leave');
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onHangup);
  return () => {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onHangup);
  };
}

function absentProgram(program: string): Diagnostic {
  return {
    severity: 'error',
    file: program,
    message: `the plan's agent needs the program "${program}", which is not on PATH`,
    remedy: 'Install it, choose another with --agent, or give a command for every task with --command',
  };
}

/** Without an input: the tasks file that was written last. */
function newestOf(flags: RunFlags): string | Diagnostic {
  const place = placeOf(flags);
  if (!place.ok) return place.error;
  const { repo } = place.value;
  const newest = newestTasksFile(repo);
  if (newest === undefined) return noInput(repo);
  err(`the newest tasks file is ${newest}`);
  return newest;
}

function noInput(repo: string): Diagnostic {
  return {
    severity: 'error',
    file: 'signalbox run',
    message: `no plan was named, and there is no ${join(repo, TASKS_FILES)}`,
    remedy: 'Name a plan file, a track id, or - for standard input',
  };
}

/** Whether what was read is what the daemon would read: the session of a tasks file may have put another order beside it. */
const isSettled = ({ plan, source }: Prepared): boolean => plan.format !== 'orchestrate' && 'path' in source;
