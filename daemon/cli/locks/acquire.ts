import { existsSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../../bus-schema/diagnostic.js';
import { formatDuration, parseDuration } from '../../../bus-schema/duration.js';
import { layout } from '../../../bus-schema/layout.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { fail, ok, type Result } from '../../../bus-schema/result.js';
import { errorCode } from '../../../bus-schema/store/errors.js';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { Follower } from '../follow.js';
import { existingPlace } from '../place.js';
import { daemonSign } from '../sign.js';
import { busFlags } from '../task-events.js';
import { complain, err, outJson, refuse } from '../terminal.js';
import { LockAnswers } from './lock-answers.js';
import { dropAbout, ownAttempt, pathsGiven, type OwnAttempt } from './own-attempt.js';

export interface AcquireFlags extends JsonFlags {
  readonly wait?: string;
}

const LOOK_EACH_MS = 50;
/** A daemon that is up answers far sooner. */
const ANSWER_MS = 10_000;

/** `signalbox lock acquire`: asks for files while the task runs, and waits until all of them are its own. */
export async function acquire(texts: readonly string[], flags: AcquireFlags): Promise<number> {
  const place = existingPlace(busFlags(flags));
  const own = ownAttempt(process.env);
  const wait = waitOf(flags.wait);
  const problems = [place, own, wait].flatMap(read => (read.ok ? [] : [read.error]));
  if (!place.ok || !own.ok || !wait.ok) return refuse(problems);
  const paths = pathsGiven(texts, place.value.repo, process.cwd());
  if (!paths.ok) return refuse(paths.error);
  const request = new Request(place.value.bus, own.value, paths.value);
  const interrupt = (): void => {
    request.interrupted = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  try {
    const why = await request.outcome(wait.value);
    const { blocked } = request.answers;
    if (flags.json === true) {
      const held =
        blocked === undefined || why === undefined ? {} : { held_by: blocked.holder, resource: blocked.path };
      outJson({ ok: why === undefined, paths: paths.value, ...(why === undefined ? {} : { why }), ...held });
    } else if (why !== undefined) complain(why);
    return why === undefined ? EXIT.complete : EXIT.failed;
  } finally {
    request.close();
  }
}

function waitOf(text: string | undefined): Result<number, Diagnostic> {
  const parsed = text === undefined ? ok(Infinity) : parseDuration(text, 'ms');
  return parsed.ok
    ? parsed
    : fail({ severity: 'error', file: '--wait', message: parsed.error, remedy: '0 asks and does not wait' });
}

class Request {
  readonly answers: LockAnswers;
  interrupted = false;
  readonly #bus: string;
  readonly #own: OwnAttempt;
  readonly #paths: readonly RepoPath[];
  readonly #follower: Follower;
  #file: string;

  constructor(bus: string, own: OwnAttempt, paths: readonly RepoPath[]) {
    this.#bus = bus;
    this.#own = own;
    this.#paths = paths;
    this.answers = new LockAnswers(own.attempt, paths);
    const queue = join(bus, layout.queue);
    const from = statSync(queue, { throwIfNoEntry: false })?.size ?? 0;
    this.#file = this.#ask();
    this.#follower = new Follower(queue, from, message => {
      this.answers.hear(message);
    });
  }

  /** Undefined once the locks are ours; else why they are not. */
  async outcome(waitMs: number): Promise<string | undefined> {
    const { answers } = this;
    const began = performance.now();
    let told = false;
    for (;;) {
      const waited = performance.now() - began;
      const consumed = !existsSync(this.#file);
      this.#follower.look();
      if (answers.granted) return undefined;
      if (answers.ended) return 'the attempt has ended';
      // What was taken was answered before it was removed.
      if (consumed && !answers.answered)
        return 'the daemon did not take the request: the attempt is being ended, or see quarantine/';
      if (this.interrupted) return (await this.#withdraw()) ?? 'interrupted; the request is withdrawn';
      if (waited >= waitMs && (answers.blocked !== undefined || this.#isUnheard(waited)))
        return await this.#giveUp(waitMs);
      // Another command of this task gave up waiting for the same file, and its wish counted for both.
      if (answers.withdrawn) this.#file = this.#askAgain();
      if (answers.blocked !== undefined && !told && waitMs > 0) {
        told = true;
        err(`waits for ${answers.blocked.path}, held by ${answers.blocked.holder}`);
      }
      await sleep(LOOK_EACH_MS);
    }
  }

  close(): void {
    this.#follower.close();
  }

  #ask(): string {
    return dropAbout(this.#bus, 'FILE_LOCK_REQUEST', this.#own, { paths: this.#paths });
  }

  #askAgain(): string {
    this.answers.askAnew();
    return this.#ask();
  }

  #isUnheard(waitedMs: number): boolean {
    return waitedMs >= ANSWER_MS || !daemonSign(this.#bus).up;
  }

  async #giveUp(waitMs: number): Promise<string | undefined> {
    const refusal = await this.#withdraw();
    if (refusal === undefined) return undefined;
    const { blocked } = this.answers;
    if (blocked === undefined) return 'no daemon answers; the request is withdrawn';
    const within = waitMs === 0 ? 'at once' : `within ${formatDuration(waitMs)}`;
    return `not to be had ${within}: ${blocked.path} is held by ${blocked.holder}`;
  }

  /** Undefined if the locks were given at the last moment; else that they are not waited for any more. */
  async #withdraw(): Promise<string | undefined> {
    const withdrawn = 'the request is withdrawn';
    // A daemon may have read it a moment ago; without one nobody has.
    if (removed(this.#file) && !daemonSign(this.#bus).up) return withdrawn;
    this.answers.askAnew();
    const file = dropAbout(this.#bus, 'FILE_UNLOCK', this.#own, { paths: this.#paths, withdraw: true });
    for (let waited = 0; waited < ANSWER_MS; waited += LOOK_EACH_MS) {
      const consumed = !existsSync(file);
      this.#follower.look();
      if (this.answers.granted) return undefined;
      if (consumed || this.answers.withdrawn || this.answers.ended || !daemonSign(this.#bus).up)
        return withdrawn;
      await sleep(LOOK_EACH_MS);
    }
    return withdrawn;
  }
}

function removed(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
