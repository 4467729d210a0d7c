import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AttemptLog } from '../../worker/attempt-log.js';
import { LogCap } from '../../worker/log-cap.js';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { until } from '../until.js';

const CAP_BYTES = 1000;
/** What is left is the cap and a line that says so. */
const MOST_BYTES = CAP_BYTES + 100;

let folder: FreshFolder;
let path: string;
let log: AttemptLog;
let cap: LogCap;
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'log');
  log = new AttemptLog(path, CAP_BYTES);
});
afterEach(() => {
  cap.close();
  log.close();
  folder.remove();
  jest.useRealTimers();
});

const begin = (): void => {
  cap = new LogCap(log, error => {
    throw error;
  });
};
const isCut = (): boolean => statSync(path).size <= MOST_BYTES;

test('a log is cut while its command writes', async () => {
  begin();
  for (let round = 0; round < 3; round++) {
    appendFileSync(path, 'x'.repeat(5000));
    await until(isCut);
  }
});

test('a log that stays as it is wakes nobody, and is cut all the same when more is written', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
  begin();
  jest.advanceTimersByTime(60_000);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
  appendFileSync(path, 'x'.repeat(5000));
  await until(isCut);
});

test('what was written last is cut at the end', () => {
  begin();
  appendFileSync(path, 'x'.repeat(5000));
  cap.close();
  expect(isCut()).toBe(true);
});
