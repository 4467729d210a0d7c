import { statSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { RunReport } from '../../bus-schema/report.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';
import type { RunId } from '../../bus-schema/ids.js';
import type { Run } from '../scheduler/state.js';
import { endReport } from '../projections/report-text.js';
import { EXIT } from './exit-codes.js';
import { Follower } from './follow.js';
import { openShow } from './show.js';
import { daemonSign } from './sign.js';
import { err, out, outJson } from './terminal.js';

export interface Watched {
  readonly bus: string;
  readonly run: string;
  /** Byte of the feed from which on it tells of this run. */
  readonly from: number;
  readonly flags: { readonly json?: boolean };
  /** How it stands, where the format shows it in a way of its own. */
  readonly stand?: Run | undefined;
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
  const report = await followRun(watched);
  return report === undefined ? unfinished(watched.run) : conclude(watched, report);
}

/** Shows a run until it ends. Answers its report; undefined if nobody runs it any more. */
export async function followRun(watched: Omit<Watched, 'flags'>): Promise<RunReport | undefined> {
  const { bus, run } = watched;
  const show = await openShow(watched);
  let end: () => void = () => undefined;
  const ended = new Promise<void>(resolve => (end = resolve));
  const follower = new Follower(join(bus, layout.queue), watched.from, message => {
    show.hear(message);
    if (show.verdict !== undefined) end();
  });
  await Promise.race([ended, daemonGone(watched)]);
  // The daemon may have said its last word after our last look.
  follower.look();
  follower.close();
  show.close();
  // The report is the truth of it: anyone can write a line into the feed.
  const text =
    show.verdict === undefined ? undefined : readIfThere(join(bus, layout.reportJson(run as RunId)));
  return text === undefined ? undefined : (JSON.parse(text) as RunReport);
}

function daemonGone({ bus, gone }: Pick<Watched, 'bus' | 'gone'>): Promise<void> {
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

function conclude({ bus, flags }: Watched, report: RunReport): number {
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
