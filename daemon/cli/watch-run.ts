import { statSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { RunReport } from '../../bus-schema/report.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import type { RunId } from '../../bus-schema/ids.js';
import { endReport } from '../projections/report-text.js';
import { RunStory } from '../projections/run-story.js';
import { EXIT } from './exit-codes.js';
import { Follower } from './follow.js';
import { LiveView, PlainView, type RunView } from './run-view.js';
import { daemonSign } from './sign.js';
import { err, isTerminal, out, outJson } from './terminal.js';

export interface Watched {
  readonly bus: string;
  readonly run: string;
  /** Byte of the feed from which on it tells of this run. */
  readonly from: number;
  readonly flags: { readonly json?: boolean };
  /** Settles when the daemon has ended; without it, its sign is looked for. */
  readonly gone?: Promise<void>;
}

const LOOK_FOR_DAEMON_MS = 2000;

/** Where the feed ends now. */
export function feedSize(bus: string): number {
  return statSync(join(bus, layout.queue), { throwIfNoEntry: false })?.size ?? 0;
}

/** Shows a run until it ends, or nobody runs it any more; prints its report. Answers the exit code. */
export async function watchRun(watched: Watched): Promise<number> {
  const { bus, run } = watched;
  const story = new RunStory(run);
  const view = await openView(story);
  let end: () => void = () => undefined;
  const ended = new Promise<void>(resolve => (end = resolve));
  const follower = new Follower(join(bus, layout.queue), watched.from, message => {
    const line = story.hear(message);
    if (line !== undefined) view.line(line);
    if (story.verdict !== undefined) end();
  });
  await Promise.race([ended, daemonGone(watched)]);
  // The daemon may have said its last word after our last look.
  follower.look();
  follower.close();
  view.close();
  return story.verdict === undefined ? unfinished(run) : conclude(watched);
}

async function openView(story: RunStory): Promise<RunView> {
  return isTerminal('err') && process.env.TERM !== 'dumb'
    ? LiveView.open(story, process.stderr)
    : new PlainView(process.stderr);
}

function daemonGone({ bus, gone }: Watched): Promise<void> {
  if (gone !== undefined) return gone;
  return new Promise(resolve => {
    const timer = setInterval(() => {
      if (daemonSign(bus).up) return;
      clearInterval(timer);
      resolve();
    }, LOOK_FOR_DAEMON_MS);
    timer.unref();
  });
}

function unfinished(run: string): number {
  err(`run ${run} is not finished; the same command, or \`signalbox up\`, goes on with it`);
  return EXIT.stopped;
}

/** The report is the truth of it: anyone can write a line into the feed. */
function conclude({ bus, run, flags }: Watched): number {
  const text = readIfThere(join(bus, layout.reportJson(run as RunId)));
  if (text === undefined) return unfinished(run);
  const report = JSON.parse(text) as RunReport;
  for (const task of report.tasks) {
    if (task.end === 'failed')
      err(
        `FIX: task ${task.id} (${task.title}) failed: ${task.cause ?? ''}; log: ${join(bus, task.log ?? '')}`,
      );
    if (task.end === 'skipped') err(`skipped: task ${task.id}, because of ${task.cause ?? ''}`);
  }
  if (flags.json === true) outJson(report);
  else out(endReport(report));
  return { PASS: EXIT.complete, FAIL: EXIT.failed, STOPPED: EXIT.stopped }[report.verdict];
}
