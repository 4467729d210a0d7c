import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SLOTS } from '../dags.js';
import { npmPeers } from '../npm-peers.js';
import { toldBy } from '../peer-program.js';
import type { Jobs } from '../peers/jobs.js';
import { inNewFolder } from '../place.js';
import { hasProgram, type Absent, type Runner } from '../runner.js';

/** How a queue's jobs are carried out: by a process each, or by nothing. */
export interface QueueOptions {
  readonly idle?: boolean;
}

/**
 * Queues are measured from the first job put in to the last one done: neither the start of Node nor that of redis counts, as
 * with our own daemon when it is up.
 */
export function sqlite(durability: 'NORMAL' | 'FULL', { idle = false }: QueueOptions = {}): Runner | Absent {
  const name = `SQLite queue, ${durability}`;
  const peers = npmPeers('better-sqlite3');
  if (peers.folder === undefined) return { name, remedy: peers.remedy };
  const { folder: packages } = peers;
  return {
    name,
    run: ({ steps }) =>
      inNewFolder(async folder => {
        const jobs: Jobs = { packages, folder: below(folder), slots: SLOTS, idle, durability, steps };
        return toldBy('sqlite-queue', folder, jobs);
      }),
  };
}

export function bullmq(
  durability: 'everysec' | 'always',
  { idle = false }: QueueOptions = {},
): Runner | Absent {
  const name = `BullMQ, ${durability}`;
  const peers = npmPeers('bullmq', 'ioredis');
  if (peers.folder === undefined) return { name, remedy: peers.remedy };
  if (!hasProgram('redis-server')) return { name, remedy: 'install the package redis-server' };
  const { folder: packages } = peers;
  return {
    name,
    run: ({ steps }) =>
      inNewFolder(async folder => {
        const jobs: Jobs = { packages, folder: below(folder), slots: SLOTS, idle, durability, steps };
        return toldBy('bullmq-queue', folder, jobs);
      }),
  };
}

function below(folder: string): string {
  const path = join(folder, 'queue');
  mkdirSync(path);
  return path;
}
