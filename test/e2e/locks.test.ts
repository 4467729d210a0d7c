import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { locksViewSchema, type LocksView } from '../../bus-schema/view.js';
import { judge } from '../oracle/journal-oracle.js';
import { until } from '../until.js';
import { journalOf, PROGRAM, Rig } from './rig.js';
import { awaiting } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write(
    'signalbox.config.yaml',
    'settle_grace: 50ms\nkill_grace: 100ms\nbackoff: { first: 20ms, longest: 20ms }\n',
  );
});
afterEach(() => rig.remove());

/** A call of the program from within a task. */
const lock = (words: string): string => `'${process.execPath}' '${PROGRAM}' lock ${words}`;
const noted = (word: string): string => `echo ${word} >> order`;
const view = (): LocksView => {
  const text = rig.read('.message-bus/locks.json');
  return text === '' ? {} : locksViewSchema.parse(JSON.parse(text));
};
const ends = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));
const feed = (type: string): Record<string, unknown>[] =>
  rig
    .lines('.message-bus/queue.jsonl')
    .map(line => JSON.parse(line) as { type: string; payload: Record<string, unknown> })
    .flatMap(message => (message.type === type ? [message.payload] : []));

function expectLawful(): void {
  for (const run of rig.runs()) expect(judge(journalOf(rig.bus), run).violations).toEqual([]);
  expect(readdirSync(join(rig.bus, 'quarantine'))).toEqual([]);
}

describe('a task that asks for a file while it runs', () => {
  test('has it until it gives it back, and one that waits for it gets it then', async () => {
    rig.plan('plan.json', [
      {
        id: 'a',
        command: `${lock('acquire src/x docs')} && ${noted('a-has')}; ${awaiting('b-waits')}; ${noted('a-gives')}; ${lock('release src/x')}; ${awaiting('b-has')}`,
        retries: 0,
      },
      {
        id: 'b',
        command: `${awaiting('order')}; cd sub && touch ../b-waits; ${lock('acquire ../src')} && cd .. && ${noted('b-has')} && touch b-has`,
        retries: 0,
      },
    ]);
    rig.write('sub/.keep', '');
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(0);
    expect(rig.lines('order')).toEqual(['a-has', 'a-gives', 'b-has']);
    expect(feed('FILE_LOCK').map(({ task_id, filepath }) => [task_id, filepath])).toEqual([
      ['a', 'src/x'],
      ['a', 'docs'],
      ['b', 'src'],
    ]);
    expect(stderr).toMatch(/^locks .*a .*src\/x$/m);
    expect(stderr).toMatch(/^frees .*a .*src\/x$/m);
    expect(view()).toEqual({});
    expectLawful();
  });

  test('is told who has it when it does not want to wait, and is shown as waiting while it does', async () => {
    rig.plan('plan.json', [
      { id: 'holder', files: ['src'], command: awaiting('done'), retries: 0 },
      {
        id: 'asker',
        command: `${lock('acquire src/x --wait 0')} 2> said; echo $? > code; ${lock('acquire src/x --wait 60s')} && ${noted('has')}`,
        retries: 0,
      },
    ]);
    const run = rig.start(['run', 'plan.json']);
    await until(() => feed('BLOCKED').length === 2, 15_000, 'the second request');
    expect(rig.read('code')).toBe('1\n');
    expect(rig.read('said')).toMatch(/not to be had at once: src\/x is held by holder\n/);
    const [status, explained, list] = [
      await rig.signalbox(['status']),
      await rig.signalbox(['explain', 'asker']),
      await rig.signalbox(['lock', 'list', '--json']),
    ];
    expect(status.stdout).toMatch(/waits +asker for src\/x, held by holder \(worker-\d\)/);
    expect(explained.stdout).toMatch(/asked for src\/x and waits for it, which task holder of run \S+ holds/);
    expect(JSON.parse(list.stdout)).toMatchObject({
      locks: [{ path: 'src', kind: 'declared', task: 'holder' }],
      waiting: [{ task: 'asker', paths: ['src/x'], waiting_for: 'src/x' }],
    });
    rig.write('done', '');
    expect((await run.ended).code).toBe(0);
    expect(rig.lines('order')).toEqual(['has']);
    expectLawful();
  });

  test('in a circle with another is ended, and its next attempt gets what it needs', async () => {
    const task = (id: string, first: string, second: string): object => ({
      id,
      command: `if [ $SIGNALBOX_ATTEMPT = 1 ]; then ${lock(`acquire ${first}`)} && touch ${id}.has; ${awaiting('a.has')}; ${awaiting('b.has')}; fi; ${lock(`acquire ${first} ${second}`)} && ${noted(id)}`,
      retries: 1,
    });
    rig.plan('plan.json', [task('a', 'x', 'y'), task('b', 'y', 'x')]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(0);
    expect(ends()).toEqual({ a: 'complete', b: 'complete' });
    expect(rig.lines('order').sort()).toEqual(['a', 'b']);
    expect(feed('DEADLOCK_RESOLVED')).toMatchObject([
      { action: 'released_locks', victim: expect.stringMatching(/[ab]/) },
    ]);
    expect([...(feed('DEADLOCK_RESOLVED')[0]?.cycle as string[])].sort()).toEqual(['a', 'b']);
    expect(stderr).toMatch(/^note .*gives way/m);
    expect(feed('TASK_RETRY')).toHaveLength(1);
    expectLawful();
  });

  test('by an event without a token, as a script can write it; hostile paths are refused', async () => {
    const drop = (body: object): string =>
      `echo '${JSON.stringify(body)}' > $SIGNALBOX_BUS/events/FILE_LOCK_REQUEST_$$.event`;
    rig.plan('plan.json', [
      {
        id: 'a',
        command: `${drop({ task_id: 'a', filepath: 'src/x' })}; until grep -q src/x $SIGNALBOX_BUS/locks.json; do sleep 0.02; done; ${drop({ task_id: 'a', paths: ['../up'] })}; until ls $SIGNALBOX_BUS/quarantine | grep -q reason; do sleep 0.02; done`,
        retries: 0,
        timeout: '20s',
      },
    ]);
    expect((await rig.signalbox(['run', 'plan.json'])).code).toBe(0);
    const [reason = ''] = readdirSync(join(rig.bus, 'quarantine')).filter(name => name.endsWith('.reason'));
    expect(readFileSync(join(rig.bus, 'quarantine', reason), 'utf8')).toMatch(/"\.\.\/up" leaves the repo/);
    expect(readdirSync(join(rig.bus, 'events')).filter(name => name.startsWith('FILE_'))).toEqual([]);
  });

  test.each([
    ['outside a task', ['acquire', 'src'], /does not run inside a task/],
    ['without a path', ['acquire'], /missing required argument 'paths'[^]*signalbox lock help acquire/],
    ['with no time', ['acquire', 'src', '--wait', 'soon'], /--wait.*"soon" is not a duration/],
    ['to release nothing in particular', ['release'], /not said what to give back/],
  ])('%s it is refused', async (_what, args, said) => {
    await rig.signalbox(['init']);
    const { code, stderr } = await rig.signalbox(['lock', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});

const python = spawnSync('python3', ['--version']).status === 0;
const pythonTest = python ? test : test.skip;
/** Reads the file, changes it, and writes all of it back. */
const EDIT = `import json, sys
bus, path, worker = sys.argv[1:4]
with open(bus + "/locks.json") as file:
    locks = json.load(file)
if worker == "-":
    del locks[path]
else:
    locks[path] = {"worker_id": worker, "acquired_at": "2026-01-01T00:00:00.000001", "expires_at": "2999-01-01T00:00:00.000001"}
with open(bus + "/locks.json", "w") as file:
    json.dump(locks, file, indent=2)
`;

pythonTest(
  `a lock that another program writes into locks.json keeps a task waiting until it is removed${python ? '' : ' (left out: there is no python3)'}`,
  async () => {
    const edit = (path: string, worker: string): number | null =>
      spawnSync('python3', [rig.write('edit.py', EDIT), rig.bus, path, worker]).status;
    await rig.signalbox(['init']);
    rig.write('.message-bus/locks.json', '{}\n');
    expect(edit('src', 'my-editor')).toBe(0);
    rig.plan('plan.json', [
      { id: 'free', command: `${noted('free')}; ${awaiting('done')}`, files: ['docs'], retries: 0 },
      { id: 'held', command: noted('held'), files: ['src/x'], retries: 0 },
    ]);
    const run = rig.start(['run', 'plan.json']);
    await until(
      () => rig.lines('order').length === 1 && feed('BLOCKED').length === 1,
      15_000,
      'the one to wait',
    );
    expect(run.said.stderr).toMatch(/^waits .*held .*src\/x, held by my-editor/m);
    expect((await rig.signalbox(['explain', 'held'])).stdout).toMatch(/src\/x, which my-editor holds/);
    await until(() => 'docs' in view(), 10_000, 'our own lock in the view');
    expect(view().src).toMatchObject({ worker_id: 'my-editor', acquired_at: '2026-01-01T00:00:00.000Z' });
    // One that is held already is not given: the view says so again.
    expect(edit('docs', 'my-editor')).toBe(0);
    await until(() => rig.read('.message-bus/daemon.log').includes('not honoured'), 10_000, 'the warning');
    await until(() => view().docs?.worker_id === 'worker-1', 10_000, 'the true holder');
    expect(rig.lines('order')).toEqual(['free']);
    expect(edit('src', '-')).toBe(0);
    await until(() => rig.lines('order').length === 2, 15_000, 'the task that waited');
    rig.write('done', '');
    expect((await run.ended).code).toBe(0);
    expectLawful();
  },
  40_000,
);
