import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { until } from '../until.js';
import { journalOf, Rig, treeOf } from './rig.js';
import { awaiting, WITNESS, witnessed } from './witness.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

/** Runs a small plan of that name to its end, by a daemon of its own. */
async function finish(name: string): Promise<void> {
  rig.plan(`${name}.json`, [{ id: 'a', command: 'echo hello' }], { name });
  expect((await rig.signalbox(['run', `${name}.json`])).code).toBe(0);
}

const names = (): string[] => rig.runs().map(run => run.replace(/-.*/, ''));
const folders = (): string[] =>
  readdirSync(join(rig.bus, layout.runs))
    .map(run => run.replace(/-.*/, ''))
    .sort();
const feed = (): string[] =>
  readFileSync(join(rig.bus, layout.queue), 'utf8')
    .split('\n')
    .filter(line => line.includes('RUN_PRUNED'))
    .map(line => (JSON.parse(line) as { payload: { run_id: string } }).payload.run_id.replace(/-.*/, ''));

async function up(): Promise<void> {
  expect((await rig.signalbox(['up', '--detach'])).code).toBe(0);
}

describe('prune without a daemon', () => {
  test('without a choice it lists what could go, changes nothing and ends with 2', async () => {
    await finish('one');
    const before = treeOf(rig.bus);
    const said = await rig.signalbox(['prune']);
    expect(said.code).toBe(2);
    expect(said.stdout).toMatch(/^could be pruned {2}one-\S+ {2}one {2}PASS \S+ {2}[\d.]+ KiB\n1 run, /);
    expect(said.stderr).toContain('nothing was pruned: name runs');
    expect(treeOf(rig.bus)).toEqual(before);
  });

  test('keeps the latest, frees the folders of the others, and tells each', async () => {
    for (const name of ['one', 'two', 'three']) await finish(name);
    const dry = await rig.signalbox(['prune', '--keep', '1', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({ pruned: false, runs: [{ name: 'one' }, { name: 'two' }] });
    expect(names()).toEqual(['one', 'two', 'three']);
    const done = await rig.signalbox(['prune', '--keep', '1']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^pruned {2}one-.*\npruned {2}two-.*\n2 runs, [\d.]+ KiB freed\n$/);
    expect([names(), folders(), feed()]).toEqual([['three'], ['three'], ['one', 'two']]);
    expect(readdirSync(join(rig.bus, layout.staging))).toEqual([]);
    expect(readFileSync(join(rig.bus, layout.daemonLog), 'utf8')).toContain('pruned a finished run');
    expect((await rig.signalbox(['doctor'])).stdout).not.toMatch(/^bad /m);
    await finish('four');
    expect(names()).toEqual(['three', 'four']);
  });

  test('by age, and by both: a run goes only if both say so', async () => {
    for (const name of ['one', 'two']) await finish(name);
    expect((await rig.signalbox(['prune', '--older-than', '1h'])).stdout).toBe('0 runs, 0 B freed\n');
    await rig.signalbox(['prune', '--older-than', '1ms', '--keep', '1']);
    expect(names()).toEqual(['two']);
    await rig.signalbox(['prune', '--older-than', '1ms']);
    expect([names(), readdirSync(join(rig.bus, layout.events))]).toEqual([[], []]);
    await finish('three');
    expect(readdirSync(join(rig.bus, layout.quarantine))).toEqual([]);
  });

  test('what is wrong with its flags is said, and nothing goes', async () => {
    await finish('one');
    for (const [flags, said] of [
      [['--keep', '-1'], 'is no number of runs'],
      [['--older-than', '30'], 'has no unit'],
      [['one', '--keep', '1'], 'not both'],
      [['other'], 'there is no run other'],
    ] as const) {
      const answer = await rig.signalbox(['prune', ...flags]);
      expect({ code: answer.code, said: answer.stderr.includes(said) }).toEqual({ code: 2, said: true });
    }
    expect(names()).toEqual(['one']);
  });

  test('tells at once also behind a daemon that was told to end', async () => {
    await finish('one');
    await up();
    await rig.signalbox(['down']);
    await rig.signalbox(['prune', 'one']);
    expect(feed()).toEqual(['one']);
  });

  test('a feed line of another program that nobody has read is not passed over', async () => {
    await finish('one');
    const line = {
      id: 'x',
      type: 'FILE_LOCK',
      source: 'other',
      timestamp: '2026-01-01T00:00:00Z',
      payload: {},
    };
    writeFileSync(join(rig.bus, layout.queue), `${JSON.stringify(line)}\n`, { flag: 'a' });
    await rig.signalbox(['prune', '--keep', '0']);
    expect(feed()).toEqual([]);
    await up();
    await until(() => feed().length > 0, 10_000, 'the daemon’s word');
    expect(feed()).toEqual(['one']);
    await rig.signalbox(['down']);
  });
});

describe('prune with a daemon', () => {
  test('goes by a command; what is not finished is refused by its name', async () => {
    await finish('one');
    await finish('two');
    await up();
    rig.plan('long.json', [{ id: 'a', command: witnessed(awaiting('go')) }], { name: 'long' });
    await rig.signalbox(['submit', 'long.json']);
    await until(() => rig.lines(WITNESS).length > 0, 10_000, 'the task');
    const refused = await rig.signalbox(['prune', 'one', 'long']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/run long-\S+ is not finished: 1 of its attempts is open/);
    expect(names()).toEqual(['one', 'two', 'long']);
    const done = await rig.signalbox(['prune', '--keep', '0', '--json']);
    expect(JSON.parse(done.stdout)).toMatchObject({ pruned: true, runs: [{ name: 'one' }, { name: 'two' }] });
    expect([names(), folders(), feed()]).toEqual([['long'], ['long'], ['one', 'two']]);
    rig.write('go', '');
    await until(() => existsSync(join(rig.bus, layout.reportJson(rig.run()))), 10_000, 'its end');
    await rig.signalbox(['down']);
  });

  test('a late event of a pruned run is nobody’s, with its token and without', async () => {
    await finish('one');
    const started = journalOf(rig.bus).flatMap(({ facts }) =>
      facts.filter(fact => fact.type === 'AttemptStarted'),
    );
    await up();
    expect((await rig.signalbox(['prune', 'one'])).code).toBe(0);
    rig.plan('long.json', [{ id: 'b', command: witnessed(awaiting('go')) }], { name: 'long' });
    await rig.signalbox(['submit', 'long.json']);
    await until(() => rig.lines(WITNESS).length > 0, 10_000, 'the task');
    const [fact] = started;
    const body = { payload: { run_id: fact?.run, attempt_id: fact?.attempt, token: fact?.token } };
    const quarantined = (): string[] =>
      readdirSync(join(rig.bus, layout.quarantine)).filter(name => !name.endsWith('.reason'));
    writeFileSync(join(rig.bus, layout.event('TASK_COMPLETE_a.event')), 'PASS');
    writeFileSync(join(rig.bus, layout.event('TASK_FAILED_b.event')), JSON.stringify(body));
    await until(() => quarantined().length === 2, 10_000, 'both in quarantine');
    expect((await rig.signalbox(['status'])).stdout).toContain('1 running');
    rig.write('go', '');
    await until(() => existsSync(join(rig.bus, layout.reportJson(rig.run()))), 10_000, 'its end');
    expect(rig.report().verdict).toBe('PASS');
    await rig.signalbox(['down']);
  });
});

describe('retention in the config', () => {
  const retain = (text: string): string => rig.write('.message-bus/config.yaml', text, 0o600);

  test('none, and nothing ever goes', async () => {
    for (const name of ['one', 'two']) await finish(name);
    expect(names()).toEqual(['one', 'two']);
    expect(feed()).toEqual([]);
  });

  test('prunes when a run ends, and when a daemon starts, and tells', async () => {
    for (const name of ['one', 'two']) await finish(name);
    retain('retention: { keep: 1 }\n');
    await up();
    await until(() => feed().length === 1, 10_000, 'the first to go');
    expect(names()).toEqual(['two']);
    await rig.signalbox(['submit', 'one.json']);
    await until(() => feed().length === 2, 10_000, 'the second to go');
    expect(names()).toEqual(['one']);
    expect(readFileSync(join(rig.bus, layout.daemonLog), 'utf8')).toContain('"why":"retention"');
    await rig.signalbox(['down']);
  });

  test.each([
    ['retention: { keep: 0 }', 'retention.keep: it must be more than 0, not the number 0'],
    ['retention: {}', 'give keep, olderThan or both'],
    ['retention: { olderThan: 30 }', 'it must be text, not'],
    ['retention: { older: 30d }', 'Did you mean olderThan?'],
  ])('%s is refused', async (text, said) => {
    await rig.signalbox(['init']);
    retain(`${text}\n`);
    const refused = await rig.signalbox(['up']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(said);
  });
});
