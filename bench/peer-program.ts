import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compileInto } from '../test/compiled.js';
import { newFolder } from './place.js';
import { wholeProcess } from './whole-process.js';

/**
 * Small programs of ours that play the user of a queue. Compiled, so that what loads TypeScript does not make their process
 * larger: each start of a command copies its page tables.
 */
const PROGRAMS = ['sqlite-queue', 'bullmq-queue', 'spawn-loop'] as const;
export type PeerProgram = (typeof PROGRAMS)[number];

let compiled: string | undefined;

export function peerProgram(name: PeerProgram): string {
  if (compiled === undefined) {
    compiled = newFolder();
    compileInto(
      compiled,
      ['jobs', ...PROGRAMS].map(each => `bench/peers/${each}.ts`),
    );
  }
  return join(compiled, 'bench', 'peers', `${name}.js`);
}

const told = z.object({ ms: z.number() });

/** Runs one of them with its jobs, and gives what it says it took. */
export async function toldBy(name: PeerProgram, folder: string, jobs: object): Promise<number> {
  const file = join(folder, 'jobs.json');
  writeFileSync(file, JSON.stringify(jobs));
  const { output } = await wholeProcess({ argv: [process.execPath, peerProgram(name), file], cwd: folder });
  return told.parse(JSON.parse(output)).ms;
}
