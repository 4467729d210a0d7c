import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { WorkerId } from '../../../bus-schema/ids.js';
import { layout } from '../../../bus-schema/layout.js';
import { isLocked } from '../../../bus-schema/store/kernel-lock.js';
import { WorkerProcess } from '../../../daemon/pool/worker-process.js';
import { freshBus } from '../../fresh-folder.js';
import { SmallDisk, unless, whyNoMount } from '../../resources/shortage.js';

const mountTest = unless(whyNoMount(), 'a start that cannot make way for its files') ? test : test.skip;

mountTest('a start that fails half way does not keep the lock under which the next one is to serve', () => {
  const { repo, bus, remove } = freshBus();
  const id = 'worker-1' as WorkerId;
  // What is mounted cannot be removed, so the start ends after it has the lock.
  const disk = new SmallDisk(join(bus, layout.workerInfo(id)), 'size=64k');
  const home = { bus, repo, heartbeatMs: 1000 };
  expect(() => WorkerProcess.start(id, home, 'group', () => undefined)).toThrow('EBUSY');
  expect(isLocked(join(bus, layout.workerLock(id)))).toBe(false);
  disk.remove();
  remove();
});
