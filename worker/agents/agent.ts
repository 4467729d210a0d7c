import { closeSync, constants, openSync } from 'node:fs';
import type { Options } from 'execa';
import type { Exit } from '../../bus-schema/outcome.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { whyNotStarted, type Command, type Surroundings } from '../command.js';

/** How an agent is called: its argv as it stands, no shell in between. */
export interface AgentCall {
  readonly argv: readonly string[];
  /** Opened as its standard input; without it, /dev/null: some agents wait for ever for the end of an open input. */
  readonly stdinFile: string | undefined;
}

/** Starts an agent. The error says in the system's words why it could not be started. */
export async function startAgent(call: AgentCall, place: Surroundings): Promise<Result<Command, string>> {
  const [program = '', ...args] = call.argv;
  let stdin: number | 'ignore' = 'ignore';
  try {
    // Loaded here: a worker that only runs shell commands is spared its start-up time and memory.
    const { execa } = await import('execa');
    if (call.stdinFile !== undefined)
      stdin = openSync(call.stdinFile, constants.O_RDONLY | constants.O_NOFOLLOW);
    const startedAt = performance.now();
    const child = execa(program, args, optionsFor(place, stdin));
    const ended = child.then((result): Exit => ({
      code: result.exitCode ?? null,
      signal: result.signal ?? null,
      durationMs: performance.now() - startedAt,
    }));
    if (child.pid !== undefined) return ok({ pid: child.pid, ended });
    const result = await child;
    return fail(whyNotStarted(program, result.cause ?? result.shortMessage, place.cwd));
  } catch (error) {
    return fail(whyNotStarted(program, error, place.cwd));
  } finally {
    if (typeof stdin === 'number') closeSync(stdin);
  }
}

/** With pipes the library would wait for every grandchild that holds one, and keep all output in memory. */
function optionsFor({ cwd, variables, log }: Surroundings, stdin: number | 'ignore') {
  return {
    cwd,
    env: { ...variables.inherited, ...variables.own },
    extendEnv: false,
    stdio: [stdin === 'ignore' ? stdin : descriptor(stdin), descriptor(log.fd), descriptor(log.fd)],
    buffer: false,
    reject: false,
    // Ending the tree is our own ladder's work, also when this process ends.
    cleanup: false,
    detached: true,
  } satisfies Options;
}

/** The library hands any open descriptor on as it is; only its types stop at 9. */
const descriptor = (fd: number): 9 => fd as 9;
