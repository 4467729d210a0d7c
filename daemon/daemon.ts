import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../bus-schema/config.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import { layout } from '../bus-schema/layout.js';
import type { Result } from '../bus-schema/result.js';
import { BusMark } from './bus/bus-mark.js';
import { CommandBox } from './bus/command-box.js';
import { DropBox } from './bus/drop-box.js';
import type { FeedFile } from './bus/feed-file.js';
import { FeedLines } from './bus/feed-lines.js';
import type { BusPlace } from './bus/open-bus.js';
import { Quarantine } from './bus/quarantine.js';
import type { OwnMastery } from './bus/singleton.js';
import type { SmallWatch } from './bus/small-watch.js';
import { ViewFiles } from './bus/view-files.js';
import { BusClock } from './clock.js';
import { watchConfig } from './config-watch.js';
import { ForeignLocks } from './foreign-locks.js';
import { ForeignStatus } from './foreign-status.js';
import { Intake } from './intake.js';
import { FileJournal } from './journal/journal.js';
import { SegmentFolder } from './journal/segments.js';
import { openDaemonLog, type DaemonLog } from './log.js';
import { Loop } from './loop.js';
import { FileOutlet } from './outlet.js';
import { WorkerPool } from './pool/pool.js';
import { feedSeq } from './projections/feed.js';
import { locksView } from './projections/locks-view.js';
import { progressView } from './projections/progress-view.js';
import { stuckLines } from './projections/stuck.js';
import { workerStatusView, type Sightings } from './projections/worker-status-view.js';
import type { Replay } from './replay.js';
import { Requests, type StopMode } from './requests.js';
import { Rescue } from './rescue.js';
import { Rounds } from './rounds.js';
import { Liveness } from './scheduler/liveness.js';
import { outcomeNames } from './scheduler/lookup.js';
import type { State } from './scheduler/state.js';
import { daemonSettings } from './settings.js';
import { StuckAttempts } from './stuck-attempts.js';
import { admit, type Admitted, type Submission } from './submission.js';
import { TrackFiles } from './track/track-files.js';
import { Workspaces } from './workspace/workspaces.js';
import { Upkeep } from './upkeep.js';
import { workspacePorts } from './workspace-ports.js';

interface Parts {
  readonly log: DaemonLog;
  readonly clock: BusClock;
  readonly journal: FileJournal;
  readonly drops: DropBox;
  readonly feed: FeedFile;
  readonly lines: FeedLines;
  readonly views: ViewFiles;
  readonly tracks: TrackFiles;
  readonly workspaces: Workspaces;
  readonly pool: WorkerPool;
  readonly outlet: FileOutlet;
  readonly commands: CommandBox;
}

/** One bus's daemon: everything wired together, from the first sweep to the last view. */
export class Daemon {
  readonly #place: BusPlace;
  readonly #mark: BusMark;
  readonly #past: Replay;
  readonly #parts: Parts;
  readonly #loop: Loop;
  readonly #intake: Intake;
  readonly #foreign: ForeignStatus;
  readonly #foreignLocks: ForeignLocks;
  readonly #rescue: Rescue;
  readonly #stuck: StuckAttempts;
  readonly #rounds: Rounds;
  readonly #requests: Requests;
  readonly #upkeep: Upkeep;
  readonly #config: Config;
  readonly #mastery: OwnMastery;
  #configWatch: Promise<SmallWatch> | undefined;
  #stopping: StopMode | undefined;
  #leavesWhenIdle = false;
  #closing = false;
  /** What an earlier daemon left has been taken over. */
  #isOpen = false;
  #end: () => void = () => undefined;
  /** Settles when the daemon has ended. */
  readonly ended = new Promise<void>(resolve => {
    this.#end = resolve;
  });

  /** @param mastery gives the bus's lock back, and tells others what they should know of its holder. */
  constructor(place: BusPlace, config: Config, feed: FeedFile, past: Replay, mastery: OwnMastery) {
    this.#place = place;
    this.#mark = new BusMark(place.bus);
    this.#past = past;
    this.#config = config;
    this.#mastery = mastery;
    this.#stuck = new StuckAttempts(place.bus, () => {
      this.#parts.views.touch();
    });
    this.#parts = this.#assemble(config, feed);
    const { pool, clock, commands, views, workspaces, log } = this.#parts;
    const liveness = new Liveness();
    this.#loop = new Loop(past.state, this.#parts, () => {
      this.#afterTurn();
    });
    const loop = this.#loop;
    this.#intake = this.#openIntake(liveness);
    this.#foreign = new ForeignStatus({
      loop,
      liveness,
      now: () => clock.now(),
      progress: this.#intake.progress,
    });
    this.#foreignLocks = new ForeignLocks({
      loop,
      clock,
      taskOf: worker => this.#foreign.taskOf(worker),
      shown: () => locksView(this.state, this.#foreign.names),
      log,
    });
    this.#rescue = new Rescue({
      loop,
      pool,
      intake: this.#intake,
      log,
      later: (ms, act) => void setTimeout(act, ms).unref(),
      onStuck: (attempt, survivors) => {
        this.#stuck.note(attempt, survivors);
      },
    });
    this.#rounds = new Rounds(place.bus, {
      loop,
      intake: this.#intake,
      pool,
      clock,
      liveness,
      views,
      workspaces,
      log,
      mark: this.#mark,
    });
    this.#upkeep = new Upkeep(
      { ...this.#parts, bus: place.bus, loop, intake: this.#intake, retention: config.retention },
      past.end,
    );
    this.#requests = new Requests(place, {
      box: commands,
      loop,
      prune: runs => {
        this.#upkeep.prune(runs, 'asked');
      },
      stop: mode => {
        this.stop(mode);
      },
    });
  }

  #openIntake(liveness: Liveness): Intake {
    const { lines, workspaces, drops, views, clock } = this.#parts;
    return new Intake({
      // Event files last: what a command told otherwise was told before its worker told of its end.
      sources: [lines, workspaces, drops],
      loop: this.#loop,
      liveness,
      views,
      now: () => clock.now(),
      onLost: (attempt, why) => {
        this.#rescue.bury(attempt, why);
      },
      taskOf: worker => this.#foreign.taskOf(worker),
    });
  }

  get state(): State {
    return this.#loop.state;
  }

  /** Whether it has been told to end. */
  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Tells the journal that we are here, takes over what an earlier daemon left, and opens the doors. */
  begin(
    boot: { bootId: string; pid: number; version: string; maxParallel: number },
    expectsWork: boolean,
  ): void {
    const { drops, lines, pool, log, commands, workspaces, views } = this.#parts;
    log.info({ ...boot, records: this.#past.end.seq, torn: this.#past.end.tornBytes }, 'daemon started');
    workspaces.adopt([...this.state.active].map(run => run.id));
    this.#loop.catchUp(this.#past.kept);
    pool.adopt();
    // What an earlier daemon left open is seen to first.
    if (expectsWork && this.state.attempts.size === 0) pool.expectWork();
    const unwatched = drops.watch();
    lines.watch();
    if (unwatched !== undefined) {
      log.warn({ why: unwatched }, 'events cannot be watched; they are looked for every 2 s');
      this.#mastery.tellPolling(unwatched);
      this.#rounds.poll(() => {
        this.#lookAtRequests();
      });
    }
    const seed = randomBytes(16).toString('hex');
    this.#loop.post(() => ({ type: 'Boot', ...boot, seed }));
    // In the same turn, so that no task is given what another program has locked in the meantime.
    views.hearFirst(layout.locks);
    this.#loop.turn();
    this.#rescue.takeOver();
    this.#isOpen = true;
    this.#upkeep.look();
    commands
      .watch(() => {
        this.#lookAtRequests();
      })
      .catch((error: unknown) => {
        log.error({ error }, 'commands cannot be watched');
      });
    this.#configWatch = watchConfig(this.#place, this.#config, this.#loop, log);
    this.#configWatch.catch((error: unknown) => {
      log.error({ error }, 'the config cannot be watched');
    });
  }

  #lookAtRequests(): void {
    this.#mark.check();
    this.#parts.views.look();
    this.#requests.take();
  }

  submit(submission: Submission): Result<Admitted, readonly Diagnostic[]> {
    this.#parts.views.look();
    return admit(submission, this.#place, this.#loop);
  }

  /** Ends the daemon. Repeated with a harder mode, it ends the sooner. */
  stop(mode: StopMode): void {
    if (this.#closing) return;
    this.#stopping = mode;
    this.#loop.post(() => ({ type: 'Drain' }));
    if (mode === 'cancel')
      for (const run of this.state.active) this.#loop.post(() => ({ type: 'Cancel', run: run.id }));
    this.#loop.turn();
    this.#afterTurn();
  }

  /** Ends the daemon as soon as it has nothing to do: no attempt is open, and each run has ended or is paused. */
  stopWhenIdle(): void {
    this.#leavesWhenIdle = true;
    this.#afterTurn();
  }

  get #isDone(): boolean {
    const { attempts, active, paused } = this.state;
    if (this.#stopping === 'leave') return true;
    if (attempts.size > 0) return false;
    return (
      this.#stopping !== undefined ||
      (this.#leavesWhenIdle && (paused || [...active].every(run => run.paused)))
    );
  }

  #afterTurn(): void {
    if (this.#closing) return;
    this.#rounds.arrange();
    this.#foreign.forgetAtRest();
    if (this.#isOpen) this.#upkeep.look();
    if (!this.#isDone) return;
    this.#closing = true;
    setImmediate(() => void this.#close());
  }

  async #close(): Promise<void> {
    const { pool, drops, lines, commands, views, tracks, workspaces, feed, journal, log } = this.#parts;
    this.#rounds.stop();
    this.#upkeep.close();
    if (this.#stopping === 'leave') pool.close();
    else pool.retire();
    drops.close();
    lines.close();
    await commands.close();
    await this.#configWatch?.then(watch => watch.close()).catch(() => undefined);
    tracks.flush();
    workspaces.close();
    await views.close();
    feed.close();
    journal.close();
    log.info('daemon ended');
    this.#mastery.release();
    this.#end();
  }

  #assemble(config: Config, feed: FeedFile): Parts {
    const { bus, repo } = this.#place;
    const settings = daemonSettings(config);
    const log = openDaemonLog(join(bus, layout.daemonLog));
    const clock = new BusClock(this.#past.state.at);
    const journal = new FileJournal(new SegmentFolder(join(bus, layout.journal)), this.#past.end);
    const quarantine = new Quarantine(bus);
    const drops = new DropBox(
      bus,
      quarantine,
      () => {
        this.#mark.check();
        this.#intake.take();
      },
      () => outcomeNames(this.state),
    );
    const lines = new FeedLines(bus, feed, {
      isOurs: ({ id, source }) => feedSeq(id, source) !== undefined,
      onHint: () => {
        this.#intake.take();
      },
    });
    const pool = new WorkerPool(
      { bus, repo, heartbeatMs: settings.heartbeatMs },
      settings,
      {
        aboutToStart: ({ node }) => {
          workspaces.prepare(node.run.id);
        },
        workerGone: (worker, why) => {
          // Workers may have seen before us that the bus is gone.
          this.#mark.check();
          this.#rescue.workerGone(worker, why);
        },
        buried: (attempt, survivors) => {
          this.#rescue.buried(attempt, survivors);
        },
      },
      config.containment,
    );
    const views = new ViewFiles(bus, this.#views(pool, clock), error => {
      log.error({ error }, 'a view could not be written');
    });
    const tracks = new TrackFiles((file, why) => {
      log.warn({ file, why }, 'a file of the track could not be kept up to date');
    });
    const workspaces = new Workspaces(
      workspacePorts({ loop: () => this.#loop, intake: () => this.#intake, clock, log }),
    );
    const outlet = new FileOutlet(bus, { feed, drops, views, tracks, workspaces });
    const commands = new CommandBox(bus, quarantine);
    return { log, clock, journal, drops, feed, lines, views, tracks, workspaces, pool, outlet, commands };
  }

  #sightings(pool: WorkerPool): Sightings {
    return { workers: pool.sightings, progress: this.#intake.progress, foreign: this.#foreign.entries };
  }

  #views(pool: WorkerPool, clock: BusClock): ConstructorParameters<typeof ViewFiles>[1] {
    const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
    return [
      {
        file: layout.locks,
        shared: true,
        text: () => json(locksView(this.state, this.#foreign.names)),
        onEdit: text => {
          this.#foreignLocks.hear(text);
          this.#loop.turn();
        },
      },
      {
        file: layout.workerStatus,
        shared: true,
        text: () => json(workerStatusView(this.state, this.#sightings(pool))),
        onEdit: text => {
          this.#foreign.hear(text);
        },
      },
      {
        file: layout.progress,
        shared: false,
        text: () =>
          [progressView(this.state, clock.now()), ...stuckLines(this.state, this.#stuck.all)].join(''),
      },
    ];
  }
}
