import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rig } from '../e2e/rig.js';
import { endOfRun, HASTY, startsIn, submit, up, workerPid } from '../liveness/machine.js';
import { freshFolder } from '../fresh-folder.js';
import { until } from '../until.js';
import { unless } from './shortage.js';
import { UnansweringDisk, whyNoUnansweringDisk } from './unanswering-disk.js';

const ifMountable = unless(whyNoUnansweringDisk(), 'processes that SIGKILL does not end')
  ? describe
  : describe.skip;

let rig: Rig;
let disk: UnansweringDisk;
let remove: () => void;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});

ifMountable('a process that sleeps in the kernel', () => {
  beforeEach(() => {
    const folder = freshFolder();
    remove = folder.remove;
    disk = new UnansweringDisk(folder.path);
  });
  afterEach(async () => {
    disk.answer();
    await rig.remove();
    remove();
  });

  test('keeps its attempt open, and with it slot and files, as long as SIGKILL does not end it', async () => {
    const hang = `echo a >> witness; exec cat ${join(disk.path, 'file')}`;
    rig.plan('plan.json', [
      {
        id: 'a',
        command: `test $SIGNALBOX_ATTEMPT -gt 1 || { ${hang}; }; echo again >> witness`,
        files: ['shared'],
        retries: 1,
      },
      { id: 'b', command: 'echo b >> witness', files: ['shared'] },
    ]);
    await up(rig);
    await submit(rig, 'plan.json');
    await until(() => rig.lines('witness').length === 1, 20_000, 'the first attempt');
    process.kill(workerPid(rig, 'worker-1'), 'SIGKILL');
    const stuck = await until(
      async () =>
        /stuck +a on worker-1: process (\d+) outlived SIGKILL/.exec(
          (await rig.signalbox(['status'])).stdout,
        )?.[1],
      60_000,
      'word of what is stuck',
    );
    expect(readFileSync(`/proc/${stuck}/stat`, 'utf8')).toContain('(cat) D');
    expect(startsIn(rig)).toEqual({ a: 1 });
    expect(rig.lines('witness')).toEqual(['a']);
    disk.answer();
    await endOfRun(rig);
    expect(startsIn(rig)).toEqual({ a: 2, b: 1 });
    expect(rig.lines('witness').sort()).toEqual(['a', 'again', 'b']);
    expect((await rig.signalbox(['status'])).stdout).not.toContain('stuck');
  }, 120_000);
});
