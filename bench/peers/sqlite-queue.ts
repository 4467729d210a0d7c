import { join } from 'node:path';
import { load, readJobs, runCommand, tell } from './jobs.js';

/**
 * A durable queue as one would write it by hand: tasks and their dependencies in two tables, each start and each end a
 * transaction. An end counts its dependents down in the same transaction. What is started next is asked of the database.
 */
interface Statement {
  run(...values: readonly (string | number)[]): unknown;
  get(...values: readonly (string | number)[]): unknown;
}
interface Database {
  pragma(text: string): unknown;
  exec(text: string): unknown;
  prepare(text: string): Statement;
  transaction<A extends readonly unknown[]>(work: (...args: A) => void): (...args: A) => void;
  close(): void;
}
type DatabaseClass = new (path: string) => Database;

const jobs = readJobs();
const Opened = load(jobs, 'better-sqlite3') as DatabaseClass;
const db = new Opened(join(jobs.folder, 'queue.db'));
db.pragma('journal_mode = WAL');
db.pragma(`synchronous = ${jobs.durability}`);
db.exec(`
  CREATE TABLE task (id TEXT PRIMARY KEY, command TEXT NOT NULL, state TEXT NOT NULL, waits INTEGER NOT NULL);
  CREATE TABLE need (task TEXT NOT NULL, of TEXT NOT NULL);
  CREATE INDEX need_of ON need (of);
  CREATE INDEX task_next ON task (state, waits);
`);

const began = performance.now();
const putTask = db.prepare(`INSERT INTO task VALUES (?, ?, 'open', ?)`);
const putNeed = db.prepare('INSERT INTO need VALUES (?, ?)');
db.transaction(() => {
  for (const { id, deps, command } of jobs.steps) {
    putTask.run(id, command, deps.length);
    for (const each of deps) putNeed.run(id, each);
  }
})();

const take = db.prepare(`
  UPDATE task SET state = 'running'
  WHERE rowid = (SELECT rowid FROM task WHERE state = 'open' AND waits = 0 LIMIT 1)
  RETURNING id, command`);
const close = db.prepare(`UPDATE task SET state = 'done' WHERE id = ?`);
const countDown = db.prepare(
  'UPDATE task SET waits = waits - 1 WHERE id IN (SELECT task FROM need WHERE of = ?)',
);
const finish = db.transaction((id: string) => {
  close.run(id);
  countDown.run(id);
});

let running = 0;
let done = 0;

await new Promise<void>((resolve, reject) => {
  const fill = (): void => {
    while (running < jobs.slots) {
      const task = take.get() as { readonly id: string; readonly command: string } | undefined;
      if (task === undefined) return;
      running++;
      carryOut(task.command).then(() => {
        finish(task.id);
        running--;
        if (++done === jobs.steps.length) resolve();
        else fill();
      }, reject);
    }
  };
  fill();
});
tell(performance.now() - began);
db.close();

/** Without a process, in another turn all the same: a queue cannot know before. */
function carryOut(command: string): Promise<void> {
  return jobs.idle ? new Promise(resolve => setImmediate(resolve)) : runCommand(command);
}
