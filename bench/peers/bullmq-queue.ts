import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { load, readJobs, runCommand, tell } from './jobs.js';

/**
 * BullMQ on a redis-server of its own, which keeps an append-only file. Its flows are trees, no DAGs; so whoever puts jobs
 * in counts dependencies here, and adds a job when the last of what it needs is done.
 */
interface Queue {
  addBulk(jobs: readonly { readonly name: string; readonly data: Data }[]): Promise<unknown>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}
interface Worker {
  on(event: 'completed', listener: (job: { readonly data: Data }) => void): unknown;
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(force: boolean): Promise<void>;
}
interface Data {
  readonly id: string;
  readonly command: string;
}
interface BullMq {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (
    name: string,
    work: (job: { readonly data: Data }) => Promise<void>,
    options: object,
  ) => Worker;
}

const ADD_AT_ONCE = 500;

const jobs = readJobs();
const bullmq = load(jobs, 'bullmq') as BullMq;
const socket = join(jobs.folder, 'redis.sock');
const redis = spawn(
  'redis-server',
  [
    ...['--port', '0', '--unixsocket', socket, '--dir', jobs.folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', jobs.durability],
  ],
  { stdio: 'ignore' },
);
// Nobody else would end it, should we be ended.
process.once('exit', () => redis.kill('SIGKILL'));

const connection = { path: socket, maxRetriesPerRequest: null, retryStrategy: () => 20 };
const queue = new bullmq.Queue('bench', { connection });
await queue.waitUntilReady();
const worker = new bullmq.Worker(
  'bench',
  async ({ data }) => {
    if (!jobs.idle) await runCommand(data.command);
  },
  { connection, concurrency: jobs.slots },
);
await worker.waitUntilReady();

const waits = new Map(jobs.steps.map(({ id, deps }) => [id, deps.length]));
const stepOf = new Map(jobs.steps.map(step => [step.id, step]));
const dependents = new Map<string, string[]>();
for (const { id, deps } of jobs.steps)
  for (const each of deps) dependents.set(each, [...(dependents.get(each) ?? []), id]);

async function add(ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += ADD_AT_ONCE) {
    const some = ids.slice(from, from + ADD_AT_ONCE);
    await queue.addBulk(
      some.map(id => ({ name: 'task', data: { id, command: stepOf.get(id)?.command ?? '' } })),
    );
  }
}

/** Counts down what needs it. */
function freedBy(id: string): string[] {
  return (dependents.get(id) ?? []).filter(each => {
    const left = (waits.get(each) ?? 0) - 1;
    waits.set(each, left);
    return left === 0;
  });
}

const began = performance.now();
await new Promise<void>((resolve, reject) => {
  let done = 0;
  worker.on('failed', (_, error) => {
    reject(error);
  });
  worker.on('completed', ({ data }) => {
    if (++done === jobs.steps.length) resolve();
    const free = freedBy(data.id);
    if (free.length > 0) add(free).catch(reject);
  });
  add(jobs.steps.filter(each => each.deps.length === 0).map(each => each.id)).catch(reject);
});
tell(performance.now() - began);
await worker.close(true);
await queue.close();
redis.kill('SIGKILL');
await once(redis, 'exit');
process.exit(0);
