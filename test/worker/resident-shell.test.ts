import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartOrder } from '../../bus-schema/assignment.js';
import { listedChildren } from '../../bus-schema/store/process-family.js';
import { aliveWith, TIERS } from '../escapees.js';
import { until } from '../until.js';
import { lives, Rig } from './rig.js';

/** Where something holds a worker's processes together, one shell runs its plain commands. */
describe.each(TIERS.filter(kind => kind !== 'group'))('small commands in containment %s', kind => {
  let rig: Rig;
  let count = 0;
  beforeEach(() => {
    rig = new Rig();
    count = 0;
    program('group', 'cut -d" " -f5 /proc/self/stat');
    rig.start({ GIVEN: 'it\'s "quoted"' }, kind);
  });
  afterEach(() => rig.dispose());

  function program(name: string, script: string): void {
    writeFileSync(join(rig.root, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(rig.root, name), 0o755);
  }

  async function run(command: string, more: Partial<StartOrder> = {}) {
    const order = rig.send(`t${++count}`, command, more);
    const { outcome, exit } = await rig.told(order);
    return { outcome, exit, output: rig.output(order) };
  }

  /** The process group of the next command. */
  async function group(): Promise<number> {
    return Number((await run('./group')).output);
  }

  /** Commands run until two in turn are of one shell, which is then told by its group. */
  async function settled(): Promise<number> {
    for (let before = await group(); ;) {
      const now = await group();
      if (now === before) return now;
      before = now;
    }
  }

  test('share a shell, and find the same world as by one of their own', async () => {
    program(
      'world',
      `env -0 | grep -zv -e ATTEMPT -e TASK_ID -e TOKEN -e '^_=' | sort -z | tr '\\0' '\\n'
      pwd; ls /proc/self/fd; cat; ulimit -a; umask`,
    );
    const own = { env: { MINE: "a 'b' $c\nd", GIVEN: 'over' } };
    const first = await run('./world', own);
    await settled();
    const shared = await run('./world', own);
    expect(first.output).toContain("MINE=a 'b' $c\nd\n");
    expect(shared.output).toBe(first.output);
    expect((await run('./world')).output).toContain('GIVEN=it\'s "quoted"\n');
  });

  test('end with their own exit codes and words, and what they print adds up in their logs', async () => {
    const shell = await settled();
    expect(await run('echo one && exit 7')).toMatchObject({
      outcome: { kind: 'failed', message: 'exit code 7: one' },
      exit: { code: 7, signal: null },
      output: 'one\n',
    });
    expect(await run('false || echo "two three"')).toMatchObject({
      outcome: { kind: 'complete' },
      output: 'two three\n',
    });
    expect((await run('nosuchprogram')).outcome).toMatchObject({
      message: expect.stringMatching(/^exit code 127: .*sh: (1|line 1): nosuchprogram: .*not found$/),
    });
    expect(await group()).toBe(shell);
  });

  test('may end their whole group, and the next one finds another shell', async () => {
    program('all', 'kill -KILL 0');
    program('gently', 'kill -TERM 0; sleep 60');
    const shell = await settled();
    expect((await run('./all')).outcome).toMatchObject({ kind: 'failed', reason: 'signal' });
    const next = await settled();
    expect(next).not.toBe(shell);
    expect((await run('./gently')).outcome).toMatchObject({ kind: 'failed', message: 'exit code 143' });
    expect((await run('true')).outcome).toEqual({ kind: 'complete' });
  });

  test('are ended by their timeout, with what they ignore and what they started', async () => {
    const mark = `${rig.run}-stubborn`;
    program('stubborn', `trap "" TERM; sh -c "sleep 300; :" ${mark} & wait`);
    await settled();
    const order = rig.send('t0', './stubborn', { timeoutMs: 2000 });
    await until(() => aliveWith(mark).length > 0);
    expect((await rig.told(order)).outcome.kind).toBe('timed-out');
    expect(aliveWith(mark)).toEqual([]);
    expect((await run('echo on')).output).toBe('on\n');
  });

  test('that leave something running are waited for, and it is ended', async () => {
    const mark = `${rig.run}-left`;
    program('leaver', `setsid sh -c "touch there; sleep 300" ${mark} & while ! [ -e there ]; do :; done`);
    await settled();
    const { outcome } = await run('./leaver');
    expect(outcome).toMatchObject({ kind: 'complete', warning: expect.stringContaining('outlived') });
    expect(aliveWith(mark)).toEqual([]);
  });

  test('run where the folder is now, not where it was', async () => {
    const cwd = join(rig.root, 'there');
    mkdirSync(cwd);
    const shell = await settled();
    await run('true', { cwd });
    await run('true', { cwd });
    renameSync(cwd, join(rig.root, 'gone'));
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'new'), '');
    expect((await run('ls', { cwd })).output).toBe('new\n');
    expect((await run('ls', { cwd })).output).toBe('new\n');
    expect(await settled()).not.toBe(shell);
  });

  test('leave no shell behind when the worker is killed', async () => {
    await settled();
    const { pid } = (await rig.lease()).holder;
    const shells = listedChildren(pid) ?? [];
    expect(shells.length).toBeGreaterThan(0);
    process.kill(pid, 'SIGKILL');
    await until(() => !shells.some(lives));
  });

  test('that the shell cannot be given as they are go the common way', async () => {
    await settled();
    for (const env of [{ LONG: 'x'.repeat(20_000) }, { IFS: ',' }, { 'a.b': '1' }, { HOME: '/' }]) {
      const [name = ''] = Object.keys(env);
      // With a remark behind it, it is for a shell of its own.
      expect(await printed(`printenv ${name}`, env)).toBe(await printed(`printenv ${name} # here`, env));
    }
  });

  async function printed(command: string, env: Record<string, string>): Promise<string> {
    return (await run(command, { env })).output;
  }
});
