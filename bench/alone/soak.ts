import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { RunId } from '../../bus-schema/ids.js';
import { submit } from '../../test/liveness/machine.js';
import { HostileRig } from '../../test/hostile/rig.js';
import { descriptorsOf, memoryOf, mixedTasks, serversOf } from '../../test/resources/held.js';
import { until } from '../../test/until.js';

/**
 * One daemon and its workers that run plans in which much goes wrong, one after the other, for as long as you like. Each
 * minute says how many tasks have been run, how much memory and how many descriptors the daemon and its largest worker hold,
 * and how long a command waits for its answer. Needs a build. Usage: `npm run soak -- --minutes 60`. Fails when descriptors
 * or workers' memory grow after the first minute, or the daemon's memory by more than each run that it remembers may take.
 */
const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1] ?? 60);
const TASKS = 140;
/** What the daemon may remember of a task that it has run, and what its memory goes up and down by itself. */
const MIB_A_TASK = 6 / 1024;
const SWAY_MIB = 60;

interface Hold {
  readonly daemonMiB: number;
  readonly workerMiB: number;
  readonly descriptors: number;
  readonly tasks: number;
}

const rig = new HostileRig();
let tasks = 0;

async function oneRun(number: number): Promise<void> {
  rig.plan('plan.json', mixedTasks(TASKS), { name: `soak-${number}` });
  const run = (await submit(rig, 'plan.json')) as RunId;
  await until(() => existsSync(join(rig.bus, layout.reportJson(run))), 300_000, `the end of ${run}`);
  tasks += TASKS;
}

function look(): Hold {
  const servers = serversOf(rig.bus, rig.daemon.pid);
  const [daemonMiB = 0, ...others] = servers.map(memoryOf);
  const descriptors = servers.reduce((sum, pid) => sum + descriptorsOf(pid), 0);
  return { daemonMiB, workerMiB: Math.max(0, ...others), descriptors, tasks };
}

async function answerMs(): Promise<number> {
  const before = performance.now();
  await rig.answers();
  return performance.now() - before;
}

try {
  await rig.up();
  const began = performance.now();
  const grown: string[] = [];
  let first: Hold | undefined;
  console.log('minute   tasks  daemon  worker  descriptors  answer p50  most (ms)');
  for (let minute = 1, run = 0; minute <= minutes; minute++) {
    const answers: number[] = [];
    while (performance.now() - began < minute * 60_000) {
      await oneRun(run++);
      answers.push(await answerMs());
    }
    answers.sort((a, b) => a - b);
    const now = look();
    const { daemonMiB, workerMiB, descriptors } = now;
    const cells = [
      minute,
      tasks,
      daemonMiB,
      workerMiB,
      descriptors,
      answers[answers.length >> 1],
      answers.at(-1),
    ];
    console.log(cells.map(each => (each ?? NaN).toFixed(0).padStart(8)).join(''));
    first ??= now;
    const mayHave = first.daemonMiB + SWAY_MIB + (now.tasks - first.tasks) * MIB_A_TASK;
    if (descriptors > first.descriptors + 8) grown.push(`minute ${minute}: ${descriptors} descriptors`);
    if (workerMiB > first.workerMiB + SWAY_MIB)
      grown.push(`minute ${minute}: a worker of ${workerMiB.toFixed()} MiB`);
    if (daemonMiB > mayHave) grown.push(`minute ${minute}: a daemon of ${daemonMiB.toFixed()} MiB`);
  }
  for (const each of grown) console.log(`grown: ${each}`);
  process.exitCode = grown.length === 0 ? 0 : 1;
} finally {
  await rig.remove();
}
