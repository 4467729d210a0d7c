import { join } from 'node:path';
import type { StartOrder } from '../bus-schema/assignment.js';
import { layout } from '../bus-schema/layout.js';
import type { Outcome } from '../bus-schema/outcome.js';
import { ok, unreachable, type Result } from '../bus-schema/result.js';
import { unlessShort } from '../bus-schema/store/errors.js';
import { identityOf } from '../bus-schema/store/process-identity.js';
import { ActiveClock } from './active-clock.js';
import { startAgent } from './agents/agent.js';
import { ANSWER_BYTES, outcomeOfAnswer } from './answer.js';
import { AttemptLog } from './attempt-log.js';
import { Bell } from './bell.js';
import { claimAttempt, noteCommand } from './claim.js';
import { collectOutput, footprintOf } from './collect-output.js';
import { runCommand, type CommandEnd, type Watch } from './command-run.js';
import { startShell, type Command, type Surroundings } from './command.js';
import { Ending, type EndReason } from './ending.js';
import { variablesOf } from './environment.js';
import { LogCap } from './log-cap.js';
import { log, openLog } from './log.js';
import { makeOutputFolder } from './output-folder.js';
import { outcomeOf, outcomeOfAccept, outcomeOfCollected, outcomeOfReason } from './outcome.js';
import { report, type End } from './report.js';
import type { Station } from './station.js';

const FIRST_CLAIM_PAUSE_MS = 500;
const LONGEST_CLAIM_PAUSE_MS = 5000;

/** One attempt, from its claim to its report. */
export class Attempt {
  readonly order: StartOrder;
  readonly #station: Station;
  readonly #ending: Ending;
  readonly #bell = new Bell();
  /** It has been told that the output cannot be cut. */
  #isUncut = false;

  constructor(station: Station, order: StartOrder) {
    this.order = order;
    this.#station = station;
    this.#ending = new Ending(order.timeoutMs, new ActiveClock(2 * station.heartbeatMs));
  }

  /** claim → prepare → start → watch → settle → report. Settles when none of its processes is left. */
  async run(): Promise<void> {
    const claimed = await this.#claim();
    switch (claimed.kind) {
      case 'not-ours':
        return;
      case 'unwritten':
        return report(this.#station, this.order, {
          outcome: notStarted(`its claim cannot be written: ${claimed.why}`),
        });
      case 'taken':
        return report(this.#station, this.order, await this.#carryOut());
      default:
        return unreachable(claimed);
    }
  }

  /** Ends the attempt, if it has not ended by itself after so much time. */
  end(reason: EndReason, afterMs: number, accepted?: Outcome): void {
    this.#ending.ask(reason, afterMs, accepted);
    this.#bell.ring();
  }

  /** Sees how much time has passed; wakes nobody by itself, so that who waits for long costs one waking a beat. */
  beat(): void {
    this.#bell.ring();
  }

  #notCut(error: unknown): void {
    if (this.#isUncut) return;
    this.#isUncut = true;
    log('warn', 'cannot cut the output at its cap', { attempt: this.order.attempt, error });
  }

  /** Waits while the disk or a limit is in the way: an attempt that nobody has claimed is anyone's, and lost by none. */
  async #claim() {
    for (let pause = FIRST_CLAIM_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_CLAIM_PAUSE_MS)) {
      const answer = claimAttempt(this.#station, this.order);
      if (answer.kind !== 'hindered') return answer;
      log('error', 'cannot claim an attempt; trying again', { attempt: this.order.attempt, why: answer.why });
      const left = this.#ending.inMs;
      if (left <= 0) return { kind: 'not-ours' } as const;
      await this.#bell.wait(Math.min(pause, left));
    }
  }

  async #carryOut(): Promise<End> {
    const { run, attempt, logCapBytes } = this.order;
    let output: AttemptLog;
    try {
      output = new AttemptLog(join(this.#station.bus, layout.attemptLog(run, attempt)), logCapBytes);
    } catch (error) {
      return {
        outcome: notStarted(
          `its log cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
        ),
      };
    }
    const cap = new LogCap(output, error => {
      this.#notCut(error);
    });
    try {
      return await this.#work(output, cap);
    } finally {
      cap.close();
      output.close();
    }
  }

  async #work(output: AttemptLog, cap: LogCap): Promise<End> {
    if (this.#ending.inMs <= 0 && this.#ending.reason !== 'reported') {
      return { outcome: outcomeOfReason(this.#ending.reason, this.order.timeoutMs) };
    }
    const { problem } = makeOutputFolder(this.order);
    if (problem !== undefined) return { outcome: notStarted(problem) };
    const before = footprintOf(this.order);
    const place: Surroundings = {
      cwd: this.order.cwd,
      variables: variablesOf(this.order, this.#station),
      log: output,
    };
    const end = await runCommand(await this.#start(place), this.#watch);
    const seen = outcomeOf(end, this.order.timeoutMs, () => output.lastLine());
    // What the command told of itself stands, whatever it did after; that it is dead must be true all the same.
    const told = seen.kind === 'lost' ? seen : (this.#ending.accepted ?? seen);
    const exit = end.kind === 'not-started' ? undefined : end.exit;
    const outcome = this.#answered(told, output);
    if (outcome.kind !== 'complete') return { outcome, exit };
    // What the accept command prints is no part of the task's output.
    cap.keep();
    const printed = { fd: output.fd, bytes: output.bytes };
    const accepted = await this.#acceptIfAsked(outcome, place, output);
    if (accepted.kind !== 'complete') return { outcome: accepted, exit };
    return { outcome: outcomeOfCollected(collectOutput(this.order, before, printed), accepted), exit };
  }

  /** To be called before the log is cut at its cap, and before the accept command adds to it. */
  #answered(outcome: Outcome, output: AttemptLog): Outcome {
    const { answer } = this.order;
    if (answer === undefined || outcome.kind !== 'complete') return outcome;
    return outcomeOfAnswer(answer, output.tail(ANSWER_BYTES), outcome);
  }

  async #acceptIfAsked(outcome: Outcome, place: Surroundings, output: AttemptLog): Promise<Outcome> {
    if (this.order.accept === undefined) return outcome;
    this.#ending.commandEnded();
    const accepted = await this.#accept(this.order.accept, place);
    return outcomeOfAccept(accepted, outcome, this.order.timeoutMs, () => output.lastLine());
  }

  async #start(place: Surroundings): Promise<Result<Command, string>> {
    const { work, run, attempt } = this.order;
    const prompt = join(this.#station.bus, layout.prompt(run, attempt));
    const started =
      work.kind === 'shell'
        ? await this.#startShell(work.command, place)
        : await startAgent(
            { argv: work.argv, stdinFile: work.promptBy === 'stdin' ? prompt : undefined },
            place,
          );
    if (started.ok) this.#note(started.value);
    openLog();
    return started;
  }

  async #startShell(command: string, place: Surroundings): Promise<Result<Command, string>> {
    const { enclosure, shell } = this.#station;
    // Where nothing holds its processes together, each command has to lead a group of its own.
    const started = enclosure.members === undefined ? undefined : shell.start(command, place);
    return started === undefined ? startShell(command, place) : ok(started);
  }

  async #accept(command: string, place: Surroundings): Promise<CommandEnd> {
    const started = await this.#startShell(command, place);
    if (started.ok) this.#note(started.value);
    return runCommand(started, this.#watch);
  }

  /** A command that has ended already has no identity, and needs none. */
  #note({ pid, leader }: Command): void {
    const identity = leader ?? unlessShort(() => identityOf(pid));
    if (identity !== undefined) noteCommand(this.#station, this.order, identity);
  }

  get #watch(): Watch {
    return {
      order: this.order,
      ending: this.#ending,
      bell: this.#bell,
      members: this.#station.enclosure.members,
    };
  }
}

function notStarted(message: string): Outcome {
  return { kind: 'failed', reason: 'not-started', message: `could not be started: ${message}` };
}
