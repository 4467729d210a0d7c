import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../bus-schema/diagnostic.js';
import { runIdSchema } from '../../bus-schema/ids.js';
import { planSchema } from '../../bus-schema/plan.js';
import type { Loop } from '../../daemon/loop.js';
import { admit, requestId, type Admitted, type Submission } from '../../daemon/submission.js';
import { freshBus } from '../fresh-folder.js';
import { LoopWorld } from './loop-world.js';

const PLAN =
  'signalbox: 1\nname: Build it!\ntasks:\n  - { id: a, title: A, command: make }\n  - { id: b, title: B, command: make, depends_on: [a] }\n';

let place: ReturnType<typeof freshBus>;
let world: LoopWorld;
let loop: Loop;
beforeEach(() => {
  place = freshBus();
  world = new LoopWorld();
  loop = world.live();
});
afterEach(() => place.remove());

function planFile(name = 'plan.yaml', text = PLAN): string {
  const path = join(place.repo, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const ask = (plan: string, id: string, more: Partial<Submission> = {}): ReturnType<typeof admit> =>
  admit({ plan, id, options: {}, ...more }, place, loop);

function admitted(plan: string, id: string, more: Partial<Submission> = {}): Admitted {
  const result = ask(plan, id, more);
  if (!result.ok) throw new Error(result.error.map(formatDiagnostic).join('\n'));
  return result.value;
}

function refusal(...args: Parameters<typeof ask>): string {
  const result = ask(...args);
  return result.ok ? `taken as ${result.value.run}` : result.error.map(formatDiagnostic).join('\n');
}

const runs = (): string[] => readdirSync(join(place.bus, 'runs'));

describe('a plan that is submitted', () => {
  test('is stored whole before the journal speaks of it, and begins', () => {
    const { run, continued } = admitted(planFile(), 'r1');
    expect(run).toBe('build-it-r1');
    expect(runIdSchema.safeParse(run).success).toBe(true);
    expect(continued).toBe(false);
    const stored: unknown = JSON.parse(readFileSync(join(place.bus, 'runs', run, 'plan.json'), 'utf8'));
    expect(planSchema.parse(stored).tasks.map(task => task.id)).toEqual(['a', 'b']);
    expect([...world.started]).toEqual(['build-it-r1.0.1']);
  });

  test('twice by one request, is one run', () => {
    const path = planFile();
    expect(admitted(path, 'r1').run).toBe(admitted(path, 'r1').run);
    expect(runs()).toHaveLength(1);
    expect(world.started.size).toBe(1);
  });

  test('again while it is unfinished, goes on as the run that it is', () => {
    const path = planFile();
    const first = admitted(path, 'r1');
    expect(admitted(path, 'r2')).toEqual({ run: first.run, continued: true, warnings: [] });
    expect(runs()).toEqual([first.run]);
  });

  test('again when it has ended, is a new run', () => {
    const path = planFile(
      'one.yaml',
      'signalbox: 1\nname: one\ntasks:\n  - { id: a, title: A, command: make }\n',
    );
    const first = admitted(path, 'r1');
    world.tell(loop, ...world.ends(loop.state, () => ({ kind: 'complete' })));
    expect(admitted(path, 'r2')).toMatchObject({ run: 'one-r2', continued: false });
    expect(first.run).toBe('one-r1');
  });

  test('changed while it is unfinished, is refused, and how to go on is said', () => {
    const path = planFile();
    admitted(path, 'r1');
    planFile('plan.yaml', PLAN.replace('command: make', 'command: make all'));
    expect(refusal(path, 'r2')).toBe(
      `${path}: error: run build-it-r1 of this plan is not finished, and the plan or its options have changed since. Let it finish as it was, or end it first with: signalbox cancel build-it-r1.`,
    );
    expect(runs()).toEqual(['build-it-r1']);
  });

  test.each([
    ['that is not there', (): string => join(place.repo, 'none.yaml'), 'there is no such file'],
    ['that is a folder', (): string => place.repo, 'it is a folder, not a plan'],
    [
      'that is broken',
      (): string =>
        planFile(
          'bad.yaml',
          'signalbox: 1\nname: x\ntasks:\n  - { id: a, title: A, command: m, depends_on: [z] }\n',
        ),
      'depends on "z"',
    ],
  ])('%s, is refused, and nothing is left behind', (_what, make, why) => {
    const path = make();
    expect(refusal(path, 'r1')).toContain(why);
    expect(refusal(path, 'r1')).toContain(path);
    expect(runs()).toEqual([]);
    expect(loop.state.runs.size).toBe(0);
  });

  test('under a broken config, is refused with what is wrong in it', () => {
    writeFileSync(join(place.bus, 'config.yaml'), 'retrys: 2\n');
    expect(refusal(planFile(), 'r1')).toMatch(/config\.yaml:1.*retrys/);
    expect(runs()).toEqual([]);
  });

  test('by standard input, is known again by what it does, and its file is put away', () => {
    const spool = (id: string): string => planFile(`.message-bus/commands/${id}.plan`);
    const first = spool('r1');
    expect(admitted(first, 'r1', { spooled: true }).run).toBe('build-it-r1');
    expect(existsSync(first)).toBe(false);
    expect(admitted(spool('r2'), 'r2', { spooled: true })).toMatchObject({
      run: 'build-it-r1',
      continued: true,
    });
  });

  test.each([
    ['../../etc', 'etc-r1'],
    ['—', 'run-r1'],
    ['x'.repeat(300), `${'x'.repeat(40)}-r1`],
  ])('named %s, makes an id that is one', (name, run) => {
    const path = planFile('named.yaml', PLAN.replace('Build it!', JSON.stringify(name)));
    expect(admitted(path, 'r1').run).toBe(run);
    expect(runs()).toEqual([run]);
  });
});

test('requests have names that sort by time and do not meet', () => {
  const names = Array.from({ length: 50 }, requestId);
  for (const name of names) expect(name).toMatch(/^\d{8}-\d{6}-[a-z0-9]{4}$/);
  expect(new Set(names).size).toBeGreaterThan(45);
});
