import { join } from 'node:path';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { JournalRecord } from '../bus-schema/fact.js';
import type { RunId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { Lease } from '../bus-schema/lease.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { ownVersion } from '../bus-schema/store/own-version.js';
import { DropBox } from './bus/drop-box.js';
import { FeedFile } from './bus/feed-file.js';
import { Quarantine } from './bus/quarantine.js';
import { becomeDaemon } from './bus/singleton.js';
import { Compaction } from './journal/compaction.js';
import { FileJournal } from './journal/journal.js';
import { SegmentFolder } from './journal/segments.js';
import { lastFedSeq } from './last-fed.js';
import { openDaemonLog } from './log.js';
import { feedOf } from './projections/feed.js';
import { replay, type Replay } from './replay.js';
import { removeAside, setAside } from './run-folders.js';
import { meaningOf } from './scheduler/attribution.js';
import { decide } from './scheduler/decide.js';
import { effectsOf } from './scheduler/effect.js';
import type { State } from './scheduler/state.js';
import { isWorthCompacting } from './upkeep.js';

export type AloneFault =
  | { readonly kind: 'busy'; readonly holder: Lease | undefined }
  | { readonly kind: 'unusable'; readonly diagnostic: Diagnostic };

/**
 * Prunes finished runs of a bus that has no daemon, holding the bus meanwhile as one would; nothing else of it goes on.
 * Answers which of them have gone: one that has been reopened since somebody looked has not.
 */
export async function pruneAlone(
  bus: string,
  runs: readonly RunId[],
): Promise<Result<readonly RunId[], AloneFault>> {
  const mastery = becomeDaemon(bus, ownVersion());
  if (mastery.kind === 'busy') return fail(mastery);
  if (mastery.kind === 'impossible') {
    const message = `the bus cannot be locked: ${mastery.why}`;
    return fail({ kind: 'unusable', diagnostic: { severity: 'error', file: bus, message } });
  }
  const feed = new FeedFile(bus);
  try {
    const fed = lastFedSeq(feed);
    const past = replay(bus, record => record.seq > fed);
    if (!past.ok) return fail({ kind: 'unusable', diagnostic: past.error });
    const pruned = forget(bus, past.value, feed, runs);
    await removeAside(bus);
    return ok(pruned);
  } finally {
    feed.close();
    mastery.release();
  }
}

function forget(
  bus: string,
  { state, end, kept }: Replay,
  feed: FeedFile,
  runs: readonly RunId[],
): readonly RunId[] {
  const now = { at: state.at, wallAt: Date.now() };
  const drops = new DropBox(bus, new Quarantine(bus), () => undefined);
  const events = eventsOf(state, drops, new Set(runs));
  const facts = decide(state, { type: 'Prune', runs, why: 'asked' }, now);
  const pruned = facts.flatMap(fact => (fact.type === 'RunsPruned' ? fact.runs : []));
  if (pruned.length === 0) {
    drops.close();
    return [];
  }
  const record: JournalRecord = {
    seq: state.seq + 1,
    at: now.at,
    wall: new Date(now.wallAt).toISOString(),
    facts,
  };
  for (const [file, run] of events) drops.keep(file, run);
  for (const run of pruned) drops.stowForGood(run);
  drops.close();
  const segments = new SegmentFolder(join(bus, layout.journal));
  const journal = new FileJournal(segments, end);
  journal.append([record]);
  journal.sync();
  setAside(bus, pruned);
  const log = openDaemonLog(join(bus, layout.daemonLog));
  for (const run of pruned) log.info({ run, why: 'asked' }, 'pruned a finished run');
  // What an earlier daemon could not tell, and what others wrote behind its last line, is the next daemon's; so this is too.
  if (!feed.hasMore && kept.every(each => tellsNothing(state, each))) {
    feed.append(feedOf(state, record));
    if (feed.sync()) compactIfWorth(bus, segments, journal);
  }
  journal.close();
  return pruned;
}

/** Event files that have told what there was to tell of these runs. All others stay for the next daemon, read or not. */
function eventsOf(state: State, drops: DropBox, runs: ReadonlySet<RunId>): Map<string, RunId> {
  const events = new Map<string, RunId>();
  drops.scan();
  for (let some = drops.collect(); some.length > 0; some = drops.collect()) {
    for (const drop of some) {
      const meaning = meaningOf(state, drop);
      // Looked at: of many files, the next look shall find others.
      drops.keep(drop.file, undefined);
      if (meaning.kind === 'known' && runs.has(meaning.run)) events.set(drop.file, meaning.run);
    }
  }
  return events;
}

/** Nothing has to be done or told because of it, such as of a daemon that was to end. */
function tellsNothing(state: State, record: JournalRecord): boolean {
  return record.facts.flatMap(effectsOf).length === 0 && feedOf(state, record).length === 0;
}

/** Nobody waits for anything here, so all of it is done at once. */
function compactIfWorth(bus: string, segments: SegmentFolder, journal: FileJournal): void {
  const past = replay(bus);
  if (!past.ok || !isWorthCompacting(segments, past.value.end.prunedSize)) return;
  journal.seal();
  const compaction = new Compaction(segments, segments.names().slice(0, -1));
  while (compaction.step());
}
