import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layered, type Dag } from './dags.js';
import { inNewFolder } from './place.js';
import { say } from './progress.js';
import type { Runner } from './runner.js';

const TASKS = 110;
const verified = new Set<string>();

/** A tool that ran a task twice, or before what it needs, would be measured for something else. Once in a process's life. */
export async function verifyOnce({ name, run }: Runner): Promise<void> {
  if (verified.has(name)) return;
  await inNewFolder(async folder => {
    const diary = join(folder, 'diary');
    const dag = layered(TASKS, '');
    const steps = dag.steps.map(step => ({
      ...step,
      command: `echo + ${step.id} >> ${diary} && echo - ${step.id} >> ${diary}`,
    }));
    await run({ name: 'verify', steps });
    const problem = problemOf(dag, readFileSync(diary, 'utf8'));
    if (problem !== undefined) throw new Error(`${name} cannot be measured: ${problem}`);
  });
  verified.add(name);
  say(`${name}: ran ${TASKS} tasks once each, and after what they need`);
}

/** @param diary a line for each begin (`+ id`) and each end (`- id`), in the order in which they came. */
export function problemOf({ steps }: Dag, diary: string): string | undefined {
  const lines = diary.trimEnd().split('\n');
  if (lines.length !== steps.length * 2) return `${lines.length} lines of ${steps.length * 2} were written`;
  const place = new Map(lines.map((line, index) => [line, index]));
  for (const { id, deps } of steps) {
    const began = place.get(`+ ${id}`);
    if (began === undefined || !place.has(`- ${id}`)) return `${id} did not run once`;
    const early = deps.find(each => (place.get(`- ${each}`) ?? Infinity) > began);
    if (early !== undefined) return `${id} ran before ${early} was done`;
  }
  return undefined;
}
