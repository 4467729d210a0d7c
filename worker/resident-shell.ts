import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ProcessIdentity } from '../bus-schema/lease.js';
import type { Exit } from '../bus-schema/outcome.js';
import { unlessShort } from '../bus-schema/store/errors.js';
import { identityOf } from '../bus-schema/store/process-identity.js';
import type { Command, Surroundings } from './command.js';
import { programsOf } from './plain-command.js';

/** Shells read their input by so much; a longer script is an exception, and goes the common way. */
const LONGEST_SCRIPT = 8000;
/** To a shell these are more than variables. */
const NOT_TO_BE_SET = /^(IFS|OPTIND|OPTARG|PWD|OLDPWD|PPID|LINENO|PS\d|ENV|CDPATH|PATH|HOME|_|BASH.*)$/;
const NAME = /^[A-Za-z_]\w*$/;
/** A signal to the group, meant for a command, does not end us; whoever asks, gets a number that no failing start gives. */
const BEGIN = 'trap : TERM HUP INT\n(exit 7) 3>&-; echo $? >&3\n';
const BEGAN = 7;
const LONGEST_FAREWELL_MS = 1000;

/**
 * A shell that stays, and runs one plain command after the other in children of its own. The command `: && /bin/true` takes
 * 2.4 ms of the processor by a shell of its own (0.8 of it for the copy of this process that becomes the shell, 0.9 for the
 * shell's start), and 0.9 ms by one that is there.
 *
 * It does only what cannot be told from `sh -c`: commands that `programsOf` knows as plain, whose programs are there, in the
 * folder in which it stands. Its process group is the command's, as that of a shell of its own would be; whoever ends the
 * group ends it as well, and the next command gets a new one. Nothing is given to it before it has shown that it works.
 */
export class ResidentShell {
  #shell: Shell | undefined;
  /** Found before, by folder and name. */
  readonly #found = new Set<string>();

  /** Those of its processes that are there whether or not a command runs. */
  get pids(): readonly number[] {
    const pid = this.#shell?.pid;
    return pid === undefined ? [] : [pid];
  }

  /** Starts a command, or leaves it to others. */
  start(command: string, place: Surroundings): Command | undefined {
    const programs = programsOf(command);
    if (!programs?.every(each => this.#isThere(each, place))) return undefined;
    const script = scriptOf(command, place);
    if (script === undefined) return undefined;
    const shell = this.#shellFor(place);
    return shell?.isFree === true ? shell.run(script) : undefined;
  }

  /** Sends it home, and settles when it has gone. */
  async close(): Promise<void> {
    await this.#shell?.close();
  }

  #shellFor(place: Surroundings): Shell | undefined {
    const folder = markOf(place.cwd);
    if (folder === undefined) return undefined;
    if (this.#shell?.folder !== folder || this.#shell.hasEnded) {
      void this.#shell?.close();
      this.#shell = new Shell(folder, place);
    }
    return this.#shell;
  }

  #isThere(program: string, { cwd, variables }: Surroundings): boolean {
    const folders = program.includes('/') ? [''] : (variables.inherited.PATH ?? '').split(':');
    const paths = folders.map(folder => (folder === '' ? join(cwd, program) : join(folder, program)));
    if (program.startsWith('/')) paths[0] = program;
    if (paths.some(path => this.#found.has(path))) return true;
    const found = paths.find(isExecutable);
    if (found !== undefined) this.#found.add(found);
    return found !== undefined;
  }
}

/** One process of it. */
class Shell {
  /** The folder it stands in, by which one that was made anew under the old name is told from it. */
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #gone: Promise<void>;
  #said = '';
  #hasShown = false;
  #hasEnded = false;
  #startedAt = 0;
  #identity: ProcessIdentity | undefined;
  #ended: ((exit: Exit) => void) | undefined;

  constructor(folder: string, { cwd, variables }: Surroundings) {
    this.folder = folder;
    this.#process = spawn('/bin/sh', [], {
      cwd,
      env: variables.inherited,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    });
    this.#gone = new Promise(resolve => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#hasEnded = true;
        this.#finish(code, signal);
        resolve();
      };
      // All that it said is heard before.
      this.#process.once('close', end).once('error', () => {
        end(null, null);
      });
    });
    // What it does not take any more it says by its exit.
    this.#process.stdin?.on('error', () => undefined);
    const answers = this.#process.stdio[3] as Duplex | null | undefined;
    answers
      ?.on('error', () => undefined)
      .on('data', (said: Buffer) => {
        this.#hear(said.toString('latin1'));
      });
    this.#process.stdin?.write(BEGIN);
  }

  get pid(): number | undefined {
    return this.#hasEnded ? undefined : this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isFree(): boolean {
    return this.#hasShown && !this.#hasEnded && this.#ended === undefined;
  }

  run(script: string): Command | undefined {
    const { pid } = this;
    if (pid === undefined) return undefined;
    this.#startedAt = performance.now();
    const ended = new Promise<Exit>(resolve => (this.#ended = resolve));
    this.#process.stdin?.write(script);
    this.#identity ??= unlessShort(() => identityOf(pid));
    return { pid, ...(this.#identity !== undefined && { leader: this.#identity }), ended };
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    const late = new Promise<void>(resolve => setTimeout(resolve, LONGEST_FAREWELL_MS).unref());
    await Promise.race([this.#gone, late]);
  }

  #hear(said: string): void {
    this.#said += said;
    if (!this.#said.endsWith('\n')) return;
    const code = Number(this.#said);
    this.#said = '';
    if (this.#hasShown) this.#finish(code, null);
    else this.#hasShown = code === BEGAN;
  }

  #finish(code: number | null, signal: NodeJS.Signals | null): void {
    this.#ended?.({ code, signal, durationMs: performance.now() - this.#startedAt });
    this.#ended = undefined;
  }
}

/** Undefined where something would not come through as it is. */
function scriptOf(command: string, { variables, log }: Surroundings): string | undefined {
  const assignments: string[] = [];
  for (const [name, value] of Object.entries(variables.own)) {
    if (!NAME.test(name) || NOT_TO_BE_SET.test(name)) return undefined;
    assignments.push(`${name}=${quoted(value)}`);
  }
  const script = `(export ${assignments.join(' ')}; ${command}) 3>&- </dev/null >>${quoted(log.path)} 2>&1; echo $? >&3\n`;
  return script.length > LONGEST_SCRIPT || script.includes('\0') ? undefined : script;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function markOf(folder: string): string | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino} ${folder}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
