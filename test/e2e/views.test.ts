import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { layout } from '../../bus-schema/layout.js';
import { messageSchema } from '../../bus-schema/message.js';
import { locksViewSchema, workerStatusViewSchema } from '../../bus-schema/view.js';
import { ROOT } from '../tidy/source.js';
import { judge } from '../oracle/journal-oracle.js';
import { journalOf, Rig } from './rig.js';

const TASKS = 1000;
const READER = join(ROOT, 'test', 'e2e', 'fast-reader.mjs');
const seenSchema = z.object({ reads: z.int(), busy: z.int(), bad: z.array(z.string()) });

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

/** A program that reads all views while the test goes on. Stopped, it says what it saw. */
function readViews(bus: string): { stop: () => Promise<z.infer<typeof seenSchema>> } {
  const child = spawn(process.execPath, [READER, bus], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  return {
    stop: async () => {
      child.stdin.end();
      await ended;
      return seenSchema.parse(JSON.parse(said));
    },
  };
}

test(`${TASKS} tasks long, every view is whole at every instant, and the feed tells of each task once`, async () => {
  const ids = Array.from({ length: TASKS }, (_, index) => `t${index}`);
  rig.plan(
    'plan.json',
    ids.map(id => ({ id, command: ':', files: [`made/${id}`] })),
    { settings: { max_parallel: 5 } },
  );
  expect((await rig.signalbox(['init'])).code).toBe(0);
  const reader = readViews(rig.bus);
  const { code } = await rig.signalbox(['run', 'plan.json'], { timeoutMs: 60_000 });
  const seen = await reader.stop();
  expect(code).toBe(0);
  expect(seen.bad).toEqual([]);
  expect(seen.reads).toBeGreaterThan(TASKS);
  expect(seen.busy).toBeGreaterThan(TASKS / 10);

  const feed = readFileSync(join(rig.bus, layout.queue), 'utf8');
  expect(feed.endsWith('\n')).toBe(true);
  const messages = feed
    .slice(0, -1)
    .split('\n')
    .map(line => messageSchema.parse(JSON.parse(line)));
  const completed = messages.flatMap(({ type, payload }) =>
    type === 'TASK_COMPLETE' ? [payload.task_id] : [],
  );
  expect([...completed].sort()).toEqual([...ids].sort());
  expect(new Set(messages.map(message => message.id)).size).toBe(messages.length);
  expect(messages.at(-1)).toMatchObject({ type: 'RUN_COMPLETE', payload: { verdict: 'PASS' } });

  const view = (file: string): unknown => JSON.parse(readFileSync(join(rig.bus, file), 'utf8'));
  expect(locksViewSchema.parse(view(layout.locks))).toEqual({});
  const workers = Object.entries(workerStatusViewSchema.parse(view(layout.workerStatus)));
  expect(workers.map(([worker, { status }]) => `${worker} ${status}`).sort()).toEqual(
    [1, 2, 3, 4, 5].map(number => `worker-${number} COMPLETE`),
  );
  expect(judge(journalOf(rig.bus), rig.run())).toMatchObject({ violations: [], peak: 5 });
}, 90_000);
