import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tickBoxes } from '../../../daemon/plan/boxes.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { wavesOf } from '../../../daemon/plan/waves.js';
import { valueOf } from './said.js';

const folder = process.env.SIGNALBOX_FIXTURES;

/** Plans that people wrote for their own work; they are not part of the project. */
describe('plans from the wild', () => {
  if (folder === undefined) {
    test.skip('not read: SIGNALBOX_FIXTURES does not name a folder with conductor/*.plan.md', () =>
      undefined);
    return;
  }
  const files = readdirSync(join(folder, 'conductor')).filter(file => file.endsWith('.plan.md'));

  test('there are some', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s is read, resolved and ticked', file => {
    const text = readFileSync(join(folder, 'conductor', file), 'utf8');
    const { plan } = valueOf(readPlan({ text, file }));
    const { tasks } = valueOf(resolvePlan(plan, {}, {}));
    expect(tasks.length).toBeGreaterThan(3);
    expect(wavesOf(tasks).flat()).toHaveLength(tasks.length);
    const ticked = tickBoxes(text, new Map(tasks.map(({ id }) => [id, 'abcdef0'])));
    const again = valueOf(readPlan({ text: ticked, file })).plan;
    expect(again.tasks.filter(({ done }) => !done).map(({ id }) => id)).toEqual([]);
    expect(ticked.replaceAll(' <!-- abcdef0 -->', '').length).toBe(text.length);
  });
});
