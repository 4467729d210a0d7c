import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What a queue is to do: written by the bench, read by the program that plays the queue's user. */
export interface Jobs {
  /** The folder whose `node_modules` has the queue's package. */
  readonly packages: string;
  /** An empty folder for the queue's files. */
  readonly folder: string;
  readonly slots: number;
  /** When true, jobs have no process: what is left is the cost of the queue. */
  readonly idle: boolean;
  /** How durable, in the queue's own word. */
  readonly durability: string;
  readonly steps: readonly {
    readonly id: string;
    readonly deps: readonly string[];
    readonly command: string;
  }[];
}

/** Parsed on trust: the bench wrote it a moment ago. */
export const readJobs = (): Jobs => JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Jobs;

/** A package of the peers' folder; the caller says what of it it uses. */
export function load(jobs: Jobs, name: string): unknown {
  return createRequire(join(jobs.packages, 'bench.cjs'))(name);
}

/** Its command, as `sh -c` would run it and as cheaply as Node can: its output is thrown away. Rejects when it fails. */
export function runCommand(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn('/bin/sh', ['-c', command], { stdio: 'ignore' })
      .once('error', reject)
      .once('exit', code => {
        if (code === 0) resolve();
        else reject(new Error(`${command} ended with ${code}`));
      });
  });
}

/** The only thing that such a program prints: how long it took from the first job put in to the last one done. */
export function tell(ms: number): void {
  process.stdout.write(`${JSON.stringify({ ms })}\n`);
}
