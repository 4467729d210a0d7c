import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Command } from '../../bus-schema/command.js';
import { layout } from '../../bus-schema/layout.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import { createFile } from '../../bus-schema/store/write-file.js';
import { EXIT } from './exit-codes.js';
import { watchQuietly } from './redraw.js';
import { daemonSign } from './sign.js';

/** A request without its name. */
export type Question = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

const LOOK_EACH_MS = 100;
/** Between two looks whether the daemon is still there. */
const SIGN_EACH_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * Asks the daemon of a bus to do something, and waits for its answer. Without a daemon, or when it goes, that is the
 * answer: a request that nobody has taken is withdrawn, so that no later daemon carries it out.
 * @param id names the request; of a submission it becomes part of the run's id.
 */
export async function ask(bus: string, question: Question, id: string = randomUUID()): Promise<Answer> {
  if (!daemonSign(bus).up)
    return refused(id, EXIT.usage, 'no daemon holds this bus; start one with `signalbox up`');
  createFile(bus, join(bus, layout.command(id)), `${JSON.stringify({ id, ...question })}\n`, {
    durable: true,
  });
  const answer = await answerTo(bus, id);
  if (typeof answer !== 'string') return answer;
  const why =
    answer === 'gone' ? 'the daemon has ended' : `the daemon has not answered for ${LONGEST_MS / 1000} s`;
  if (remove(join(bus, layout.command(id))))
    return refused(id, EXIT.usage, `${why}; the request was withdrawn, nothing was done`);
  return (
    takeAnswer(bus, id) ??
    refused(id, EXIT.failed, `${why} without an answer; it may have done what was asked`)
  );
}

async function answerTo(bus: string, id: string): Promise<Answer | 'gone' | 'silent'> {
  let wake: () => void = () => undefined;
  const close = watchQuietly(join(bus, layout.commandsDone), () => {
    wake();
  });
  const since = performance.now();
  let signAt = since + SIGN_EACH_MS;
  try {
    for (;;) {
      const answer = takeAnswer(bus, id);
      if (answer !== undefined) return answer;
      const now = performance.now();
      if (now - since > LONGEST_MS) return 'silent';
      if (now > signAt) {
        if (!daemonSign(bus).up) return takeAnswer(bus, id) ?? 'gone';
        signAt = now + SIGN_EACH_MS;
      }
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, LOOK_EACH_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    close();
  }
}

/** The answer, if it is there; it is removed, since nobody else waits for it. */
function takeAnswer(bus: string, id: string): Answer | undefined {
  const path = join(bus, layout.answer(id));
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  remove(path);
  const { ok, message, run, code } = JSON.parse(text) as Partial<Answer>;
  if (typeof ok !== 'boolean' || typeof message !== 'string')
    throw new Error(`the daemon's answer is none: ${text.slice(0, 200)}`);
  return { id, ok, message, ...(run === undefined ? {} : { run }), ...(code === undefined ? {} : { code }) };
}

function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function refused(id: string, code: number, message: string): Answer {
  return { id, ok: false, message, code };
}
