import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Rig } from './rig.js';
import { begunIn, WITNESS, witnessed } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

const history = (): string => join(rig.bus, 'history.json');

/** One slot: the order is the policy’s. */
const run = async (): Promise<string[]> => {
  const before = existsSync(join(rig.repo, WITNESS)) ? begunIn(rig.lines(WITNESS)).length : 0;
  expect((await rig.signalbox(['run', 'plan.json', '--max-parallel', '1'])).code).toBe(0);
  return begunIn(rig.lines(WITNESS)).slice(before);
};

describe('what tasks took', () => {
  test('decides the order of the next run: the longest goes first', async () => {
    rig.plan('plan.json', [
      { id: 'short', command: witnessed(':') },
      { id: 'long', command: witnessed('sleep 0.5') },
    ]);
    expect(await run()).toEqual(['short', 'long']);
    expect(await run()).toEqual(['long', 'short']);
    const { tasks } = JSON.parse(readFileSync(history(), 'utf8')) as { tasks: Record<string, number[]> };
    expect(Object.values(tasks).map(durations => durations.length)).toEqual([2, 2]);
  });

  test('is forgotten when somebody removes or breaks the file, and nothing else is', async () => {
    rig.plan('plan.json', [
      { id: 'short', command: witnessed(':') },
      { id: 'long', command: witnessed('sleep 0.5') },
    ]);
    await run();
    writeFileSync(history(), '{"version": 1, "tasks": ');
    expect(await run()).toEqual(['short', 'long']);
    expect(JSON.parse(readFileSync(history(), 'utf8'))).toMatchObject({ runs: [expect.any(String)] });
  });
});
