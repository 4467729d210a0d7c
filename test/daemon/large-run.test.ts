import { expect, test } from '@jest/globals';
import type { RunId } from '../../bus-schema/ids.js';
import { LoopWorld } from './loop-world.js';
import { aPlan, type TaskSketch } from './scheduler/rig.js';

const COUNT = 150_000;
const RUN = 'run-1' as RunId;

test.each(['dag', 'waves'] as const)(
  'a run of 150,000 tasks by %s begins, and ends when the first fails',
  schedule => {
    const sketches = Array.from({ length: COUNT }, (_, index): TaskSketch => ({
      id: `t${index}`,
      needs: index === 0 ? [] : ['t0'],
    }));
    const world = new LoopWorld();
    const loop = world.live();
    const plan = aPlan(sketches, { schedule });
    world.tell(loop, { type: 'Submit', run: RUN, plan, planDigest: 'p', workDigest: 'w' });
    const failed = { kind: 'failed', reason: 'exit', message: 'exit code 1' } as const;
    world.tell(loop, ...world.ends(loop.state, () => failed));
    const { tally, ended } = loop.state.runs.get(RUN) ?? {};
    expect(tally).toEqual({ complete: 0, failed: 1, skipped: COUNT - 1, cancelled: 0 });
    expect(ended?.verdict).toBe('FAIL');
  },
);
