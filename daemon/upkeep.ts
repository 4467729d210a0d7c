import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../bus-schema/config.js';
import type { PruneReason } from '../bus-schema/fact.js';
import type { RunId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { DropBox } from './bus/drop-box.js';
import type { FeedFile } from './bus/feed-file.js';
import type { Intake } from './intake.js';
import { Compaction } from './journal/compaction.js';
import type { FileJournal } from './journal/journal.js';
import type { JournalRead } from './journal/read-journal.js';
import { SegmentFolder } from './journal/segments.js';
import type { DaemonLog } from './log.js';
import type { Loop } from './loop.js';
import { prunable } from './projections/prunable.js';
import { removeAside, setAside } from './run-folders.js';

/** Less than this in the journal about pruned runs bothers nobody. */
const WORTH_BYTES = 1024 ** 2;

export interface UpkeepParts {
  readonly bus: string;
  readonly loop: Loop;
  readonly journal: Pick<FileJournal, 'seal'>;
  readonly feed: Pick<FeedFile, 'sync'>;
  readonly intake: Pick<Intake, 'sweep'>;
  readonly drops: Pick<DropBox, 'stowForGood'>;
  readonly retention: Config['retention'];
  readonly log: Pick<DaemonLog, 'info' | 'warn'>;
}

/**
 * Keeps within bounds what would grow with the age of a bus: prunes finished runs, when somebody asks for it or the config
 * does, and takes out of the journal what is about them. The journal is written anew a piece at a time, between turns, so
 * no run waits for it.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #segments: SegmentFolder;
  /** Bytes of the journal that are about pruned runs. */
  #prunedSize: number;
  #finished = -1;
  #compaction: Compaction | undefined;
  #closed = false;

  constructor(parts: UpkeepParts, past: JournalRead) {
    this.#parts = parts;
    this.#segments = new SegmentFolder(join(parts.bus, layout.journal));
    this.#prunedSize = past.prunedSize;
    // An earlier daemon may have died between the fact and its effect.
    const gone = [...past.pruned.keys()].filter(run => !parts.loop.state.runs.has(run as RunId)) as RunId[];
    setAside(parts.bus, gone);
    void removeAside(parts.bus);
  }

  /** Runs that have ended go, with all about them; whoever asks has made sure of that. */
  prune(runs: readonly RunId[], why: PruneReason): void {
    const { loop, intake, drops, log } = this.#parts;
    // What was told within a run is heard, and put away, while it is known whose it was.
    intake.sweep();
    for (const run of runs) drops.stowForGood(run);
    const sizes = runs.map(run => this.#sizeInJournal(run));
    loop.post(() => ({ type: 'Prune', runs, why }));
    loop.turn();
    for (const run of runs) log.info({ run, why }, 'pruned a finished run');
    this.#prunedSize += sizes.reduce((sum, size) => sum + size, 0);
    this.#compactSoon();
  }

  /** To be called at the start, and after every turn: whether a run has ended since. */
  look(): void {
    const { runs, active } = this.#parts.loop.state;
    const finished = runs.size - active.size;
    if (finished === this.#finished) return;
    const isStart = this.#finished === -1;
    this.#finished = finished;
    if (this.#parts.retention !== undefined) setImmediate(() => this.#applyRetention());
    if (isStart) this.#compactSoon();
  }

  close(): void {
    this.#closed = true;
    this.#compaction?.abandon();
    this.#compaction = undefined;
  }

  #applyRetention(): void {
    const { loop, retention } = this.#parts;
    if (this.#closed || retention === undefined) return;
    const { keep = 1, olderThan } = retention;
    const runs = prunable(loop.state, { keep, olderThanMs: olderThan }, Date.now()).map(run => run.id);
    if (runs.length > 0) this.prune(runs, 'retention');
  }

  /** By the run's own journal, which has the same facts. */
  #sizeInJournal(run: RunId): number {
    return statSync(join(this.#parts.bus, layout.runJournal(run)), { throwIfNoEntry: false })?.size ?? 0;
  }

  #compactSoon(): void {
    if (this.#compaction !== undefined || !isWorthCompacting(this.#segments, this.#prunedSize)) return;
    // What is left out can never be told again.
    if (!this.#parts.feed.sync()) return;
    this.#parts.journal.seal();
    this.#compaction = new Compaction(this.#segments, this.#segments.names().slice(0, -1));
    this.#prunedSize = 0;
    this.#stepSoon();
  }

  #stepSoon(): void {
    setImmediate(() => {
      try {
        if (this.#compaction?.step() === true) return this.#stepSoon();
      } catch (error) {
        // A full disk, say. The journal is as it was; the next daemon sees how much there is to be gained.
        this.#parts.log.warn({ error }, 'the journal could not be compacted');
        this.#compaction?.abandon();
      }
      this.#compaction = undefined;
    });
  }
}

/** More than half of the journal, and enough to be worth the while, is about pruned runs. */
export function isWorthCompacting(segments: SegmentFolder, prunedSize: number): boolean {
  if (prunedSize < WORTH_BYTES) return false;
  const size = segments.names().reduce((sum, name) => sum + segments.sizeOf(name), 0);
  return prunedSize > size / 2;
}
