import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AttemptId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { TaskNode } from '../scheduler/state.js';
import { EXIT } from './exit-codes.js';
import { countOf, type JsonFlags } from './flags.js';
import { piecesFrom } from './log-pieces.js';
import { Redraw } from './redraw.js';
import { lookAt, lookAtBus, taskIn, type Sight } from './sight.js';
import { err, jsonText, out, outJson, refuse } from './terminal.js';

export interface LogsFlags extends JsonFlags {
  readonly run?: string;
  readonly attempt?: string;
  readonly follow?: boolean;
}

interface Log {
  readonly run: string;
  readonly task: string;
  readonly attempt: AttemptId;
  readonly file: string;
}

/** Between two looks at a log that grows. */
const LOOK_EACH_MS = 500;

/** `signalbox logs`: what an attempt has written, byte for byte. */
export async function logs(task: string, flags: LogsFlags): Promise<number> {
  const sight = lookAtBus(flags);
  if (!sight.ok) return refuse([sight.error]);
  const found = logOf(sight.value, task, flags);
  if (!found.ok) return refuse([found.error]);
  const log = found.value;
  if (flags.follow === true) return follow(sight.value, log, flags);
  const pieces = [...piecesFrom(log.file)];
  if (flags.json === true) outJson({ ...log, text: Buffer.concat(pieces).toString() });
  else for (const piece of pieces) process.stdout.write(piece);
  return EXIT.complete;
}

function logOf(sight: Sight, task: string, flags: LogsFlags): Result<Log, Diagnostic> {
  const asked = flags.attempt === undefined ? undefined : countOf('--attempt', flags.attempt, 1_000_000);
  if (asked?.ok === false) return asked;
  const node = taskIn(sight, task, flags.run);
  if (!node.ok) return node;
  const { run, ordinal, attempts } = node.value;
  const number = asked?.value ?? attempts;
  if (number === 0 || number > attempts) return fail(noAttempt(sight, node.value, number));
  const attempt = `${run.id}.${ordinal}.${number}` as AttemptId;
  const file = join(sight.place.bus, layout.attemptLog(run.id, attempt));
  return ok({ run: run.id, task, attempt, file });
}

function noAttempt({ place }: Sight, { task, run, attempts }: TaskNode, number: number): Diagnostic {
  const had = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  return {
    severity: 'error',
    file: place.bus,
    message:
      attempts === 0
        ? `task ${task.id} of run ${run.id} has not been started yet`
        : `task ${task.id} of run ${run.id} has had ${had}, there is no attempt ${number}`,
    remedy:
      attempts === 0
        ? `Why not, says \`signalbox explain ${task.id}\``
        : `Give --attempt from 1 to ${attempts}`,
  };
}

/** Prints what comes until the attempt is settled. */
async function follow(sight: Sight, log: Log, flags: LogsFlags): Promise<number> {
  const redraw = new Redraw(false);
  const decoder = new StringDecoder('utf8');
  if (!sight.sign.up) err('note: no daemon holds this bus; what its workers still write is shown');
  let offset = 0;
  let open = sight.state.attempts.has(log.attempt);
  let lookAgainAt = 0;
  for (;;) {
    for (const piece of piecesFrom(log.file, offset)) {
      offset += piece.length;
      if (flags.json !== true) process.stdout.write(piece);
      else out(`${jsonText({ task: log.task, attempt: log.attempt, text: decoder.write(piece) })}\n`);
    }
    if (!open) return EXIT.complete;
    await redraw.pause(log.file, 50, LOOK_EACH_MS);
    const began = performance.now();
    if (began < lookAgainAt) continue;
    // Whether it has ended is known before the file is looked at for the last time.
    const now = lookAt(sight.place);
    open = now.ok && now.value.state.attempts.has(log.attempt);
    lookAgainAt = performance.now() + Math.max(LOOK_EACH_MS, (performance.now() - began) * 4);
  }
}
