import { join } from 'node:path';
import type { OwnMessage } from '../bus-schema/message.js';
import type { RunId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import { readIfThere } from '../bus-schema/store/read-file.js';
import { replaceFile } from '../bus-schema/store/write-file.js';
import type { DropBox } from './bus/drop-box.js';
import type { FeedFile } from './bus/feed-file.js';
import type { ViewFiles } from './bus/view-files.js';
import { readHistory, writeHistory } from './history-file.js';
import { extractRun } from './journal/extract.js';
import { SegmentFolder } from './journal/segments.js';
import { tickBoxes } from './plan/boxes.js';
import type { Outlet } from './ports.js';
import { learn } from './projections/learned.js';
import { reportMarkdown } from './projections/report-text.js';
import { runReport } from './projections/run-report.js';
import { removeAside, setAside } from './run-folders.js';
import type { Run } from './scheduler/state.js';
import type { TrackFiles } from './track/track-files.js';
import type { Workspaces } from './workspace/workspaces.js';

/** What goes out to the world, on real files. */
export class FileOutlet implements Outlet {
  readonly #bus: string;
  readonly #feed: FeedFile;
  readonly #drops: DropBox;
  readonly #views: ViewFiles;
  readonly #tracks: TrackFiles;
  readonly #workspaces: Workspaces;

  constructor(
    bus: string,
    parts: {
      feed: FeedFile;
      drops: DropBox;
      views: ViewFiles;
      tracks: TrackFiles;
      workspaces: Workspaces;
    },
  ) {
    this.#bus = bus;
    this.#feed = parts.feed;
    this.#drops = parts.drops;
    this.#views = parts.views;
    this.#tracks = parts.tracks;
    this.#workspaces = parts.workspaces;
  }

  announce(messages: readonly OwnMessage[]): void {
    this.#feed.append(messages);
  }

  signal(run: RunId, type: 'DEP_READY' | 'PARALLEL_COMPLETE', id: string, body: string): void {
    this.#drops.signal(type, id, body, run);
  }

  stowEvents(run: RunId, task?: string): void {
    this.#drops.stow(run, task);
  }

  viewsChanged(): void {
    this.#views.touch();
    this.#workspaces.touch();
  }

  boxesChanged(run: Run): void {
    if (run.plan.source !== undefined)
      this.#tracks.rewritePlan(run.plan.source, text => tickBoxes(text, completedIn(run)));
  }

  finish(run: Run): void {
    const { ended, plan } = run;
    if (ended === undefined) return;
    const report = runReport(run, ended);
    const text = `${JSON.stringify(report, null, 2)}\n`;
    // Done before, by a daemon that died before it could tell: the track may have gone on since.
    if (readIfThere(join(this.#bus, layout.reportJson(run.id))) === text) return;
    const journal = new SegmentFolder(join(this.#bus, layout.journal));
    this.#write(layout.runJournal(run.id), extractRun(journal, run.id, run.seq));
    this.#write(layout.reportText(run.id), reportMarkdown(report));
    if (plan.workspace !== undefined) this.#workspaces.finish(run.id);
    if (plan.tick) this.boxesChanged(run);
    this.#tracks.flush();
    if (plan.track !== undefined && plan.source !== undefined && ended.verdict !== 'STOPPED')
      this.#tracks.nextStep(plan.source, {
        spawned: report.attemptsStarted,
        completed: report.counts.complete,
        failed: report.counts.failed,
      });
    this.signal(
      run.id,
      'PARALLEL_COMPLETE',
      plan.track ?? run.id,
      ended.verdict === 'PASS' ? 'PASS\n' : 'FAIL\n',
    );
    writeHistory(this.#bus, learn(readHistory(this.#bus), run));
    // Last: whoever finds it finds everything else.
    this.#write(layout.reportJson(run.id), text);
  }

  removeRuns(runs: readonly RunId[]): void {
    setAside(this.#bus, runs);
    void removeAside(this.#bus);
  }

  #write(file: string, text: string): void {
    replaceFile(this.#bus, join(this.#bus, file), text, { durable: false });
  }
}

/** Completed tasks and, where it was told, the commit they made. */
function completedIn(run: Run): Map<string, string | undefined> {
  const completed = new Map<string, string | undefined>();
  for (const { task, status, last } of run.nodes) {
    if (status.kind !== 'ended' || status.end.kind !== 'complete') continue;
    completed.set(task.id, last?.outcome.kind === 'complete' ? last.outcome.commit : undefined);
  }
  return completed;
}
