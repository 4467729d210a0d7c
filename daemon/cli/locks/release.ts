import { existsSync } from 'node:fs';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { existingPlace } from '../place.js';
import { daemonSign } from '../sign.js';
import { busFlags } from '../task-events.js';
import { complain, err, outJson, refuse } from '../terminal.js';
import { dropAbout, ownAttempt, pathsGiven } from './own-attempt.js';

export interface ReleaseFlags extends JsonFlags {
  readonly all?: boolean;
}

const LOOK_EACH_MS = 20;
const ANSWER_MS = 10_000;

/** `signalbox lock release`: gives back what was asked for during the task; declared files it keeps to its end. */
export async function release(texts: readonly string[], flags: ReleaseFlags): Promise<number> {
  const place = existingPlace(busFlags(flags));
  const own = ownAttempt(process.env);
  const problems = [place, own].flatMap(read => (read.ok ? [] : [read.error]));
  if ((texts.length === 0) !== (flags.all === true))
    problems.push({
      severity: 'error',
      file: 'lock release',
      message: texts.length === 0 ? 'it is not said what to give back' : 'paths and --all say two things',
      remedy: 'Name the paths, or give --all',
    });
  if (!place.ok || !own.ok || problems.length > 0) return refuse(problems);
  const { bus, repo } = place.value;
  const paths = pathsGiven(texts, repo, process.cwd());
  if (!paths.ok) return refuse(paths.error);
  const what = flags.all === true ? {} : { paths: paths.value };
  // Whoever asks again right after this must not be overtaken by it, so it is waited for.
  const done = await isDealtWith(bus, dropAbout(bus, 'FILE_UNLOCK', own.value, what));
  if (flags.json === true) outJson({ ok: done !== 'silent', done: done === 'done', ...what });
  if (done === 'no-daemon') err('no daemon holds this bus; the next one gives it back');
  if (done === 'silent') complain(`the daemon has not answered for ${ANSWER_MS / 1000} s`);
  return done === 'silent' ? EXIT.failed : EXIT.complete;
}

async function isDealtWith(bus: string, file: string): Promise<'done' | 'no-daemon' | 'silent'> {
  for (let waited = 0; waited < ANSWER_MS; waited += LOOK_EACH_MS) {
    if (!existsSync(file)) return 'done';
    // Not at each look: asking whether there is a daemon takes longer than it takes to deal with this.
    if (waited % 500 === 0 && !daemonSign(bus).up) return 'no-daemon';
    await new Promise(resolve => setTimeout(resolve, LOOK_EACH_MS));
  }
  return 'silent';
}
