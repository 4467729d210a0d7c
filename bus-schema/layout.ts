import type { AttemptId, RunId, WorkerId } from './ids.js';

/** Where everything stands, relative to the bus directory. Ids are checked before they come here. */
export const layout = {
  ignore: '.gitignore',
  config: 'config.yaml',
  queue: 'queue.jsonl',
  locks: 'locks.json',
  workerStatus: 'worker-status.json',
  progress: 'progress.txt',
  stuck: 'stuck.json',
  history: 'history.json',
  daemonLock: 'daemon.lock',
  daemonInfo: 'daemon.json',
  daemonLog: 'daemon.log',
  events: 'events',
  /** New files are made here and then linked or renamed into sight; never watched. */
  staging: 'staging',
  commands: 'commands',
  commandsDone: 'commands/done',
  heartbeats: 'heartbeats',
  lockFiles: 'locks',
  messages: 'messages',
  workers: 'workers',
  quarantine: 'quarantine',
  journal: 'journal',
  runs: 'runs',

  event: (file: string): string => `events/${file}`,
  spooledPlan: (id: string): string => `commands/${id}.plan`,
  command: (id: string): string => `commands/${id}.json`,
  answer: (id: string): string => `commands/done/${id}.json`,
  heartbeat: (worker: WorkerId): string => `heartbeats/${worker}`,
  worker: (worker: WorkerId): string => `workers/${worker}`,
  workerLock: (worker: WorkerId): string => `workers/${worker}/lock`,
  workerInfo: (worker: WorkerId): string => `workers/${worker}/pid.json`,
  workerLog: (worker: WorkerId): string => `workers/${worker}/worker.log`,
  assignments: (worker: WorkerId): string => `workers/${worker}/assignments`,
  run: (run: RunId): string => `runs/${run}`,
  runPlan: (run: RunId): string => `runs/${run}/plan.json`,
  runEvents: (run: RunId): string => `runs/${run}/events`,
  runJournal: (run: RunId): string => `runs/${run}/journal.jsonl`,
  reportText: (run: RunId): string => `runs/${run}/report.md`,
  reportJson: (run: RunId): string => `runs/${run}/report.json`,
  attempts: (run: RunId): string => `runs/${run}/attempts`,
  claim: (run: RunId, attempt: AttemptId): string => `runs/${run}/attempts/${attempt}.claim`,
  attemptLog: (run: RunId, attempt: AttemptId): string => `runs/${run}/attempts/${attempt}.log`,
  prompt: (run: RunId, attempt: AttemptId): string => `runs/${run}/attempts/${attempt}.prompt`,
} as const;

/** The folders that a bus has from its first moment. */
export const BUS_FOLDERS = [
  layout.events,
  layout.staging,
  layout.commands,
  layout.commandsDone,
  layout.heartbeats,
  layout.lockFiles,
  layout.messages,
  layout.workers,
  layout.quarantine,
  layout.journal,
  layout.runs,
] as const;

/** Folder name of a bus; `--bus` names another. */
export const BUS_NAME = '.message-bus';

/** First sequence number of a journal segment ↔ its file name; the padding makes name order number order. */
export const segmentName = (firstSeq: number): string => `${String(firstSeq).padStart(12, '0')}.jsonl`;
export const segmentFirstSeq = (file: string): number | undefined =>
  /^\d{12}\.jsonl$/.test(file) ? Number(file.slice(0, 12)) : undefined;
