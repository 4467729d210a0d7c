import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { floodJunk, floodLeft, floodProgress, inEvents, peakMemory } from '../../test/hostile/flood.js';
import { HostileRig } from '../../test/hostile/rig.js';
import { until } from '../../test/until.js';

/**
 * A daemon whose `events/` is flooded while it runs a chain of tasks: how much memory it takes at most, when the run is at
 * its end, and when all files have been dealt with. Needs a build. Usage: `npm run bench:flood [files]`.
 */
const count = Number(process.argv[2] ?? 1_000_000);
const TASKS = 50;
const LONGEST_MS = 3_600_000;

const rig = new HostileRig();
const say = (what: string): void => {
  const peak = peakMemory(rig.daemon.pid)?.toFixed(0) ?? '?';
  console.log(
    `${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${peak} MiB at most  ${what}`,
  );
};
let began = performance.now();

try {
  await rig.up();
  const held = await rig.hold();
  began = performance.now();
  say('begun');
  rig.plan(
    'chain.json',
    Array.from({ length: TASKS }, (_, index) => ({
      id: `t${index}`,
      command: 'sleep 0.1',
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    })),
  );
  const run = (await rig.signalbox(['submit', 'chain.json'])).stdout.trim();
  const report = join(rig.bus, layout.runs, run, 'report.json');
  const ended = until(() => existsSync(report), LONGEST_MS, 'the end of the chain').then(() => {
    say(`the chain of ${TASKS} tasks is at its end, with ${inEvents(rig.bus)} files in events/`);
  });
  await floodJunk(rig.bus, count);
  await floodProgress(rig.bus, 'gate', count / 50);
  say(
    `${count} junk files and ${count / 50} signs of progress are written, ${inEvents(rig.bus)} are there still`,
  );
  await rig.answers();
  say('a command was answered');
  await ended;
  writeFileSync(join(rig.repo, 'go-gate'), '');
  await rig.release(held, 'gate', LONGEST_MS);
  say('the task that ran through all of it is complete');
  await until(() => floodLeft(rig.bus) === 0, LONGEST_MS, 'an end of the flood');
  say('all is dealt with');
} finally {
  await rig.remove();
}
