import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { until } from '../until.js';
import { BAD_PLANS, yaml } from './bad-plans.js';
import { processesOf } from './leftovers.js';
import { PROGRAM, Rig, treeOf, type Call, type Ended } from './rig.js';

const isRoot = process.getuid?.() === 0;
/** A user who is not the one that runs the tests, and may do nothing. */
const NOBODY = 65534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] as const;

/** Whether that user can be had, and may read the program. */
function canBeNobody(): boolean {
  const [setpriv, ...flags] = AS_NOBODY;
  return spawnSync(setpriv, [...flags, process.execPath, PROGRAM, '--version']).status === 0;
}

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

/** Calls the program, and sees that it left everything as it was and started nothing. */
async function refusal(args: readonly string[], call: Call = {}): Promise<Ended> {
  const before = treeOf(rig.repo);
  const running = processesOf(rig.bus).length;
  const ended = await rig.signalbox(args, call);
  expect(ended.stdout).toBe('');
  expect(treeOf(rig.repo)).toEqual(before);
  expect(processesOf(rig.bus)).toHaveLength(running);
  return ended;
}

describe('a plan that is no good is refused with its places, and nothing is begun', () => {
  test.each(BAD_PLANS)('$what', async ({ text, said }) => {
    rig.write('plan', text);
    const { code, stderr } = await refusal(['run', 'plan']);
    expect(code).toBe(2);
    for (const part of said) expect(stderr).toMatch(part);
    expect(stderr).not.toMatch(/internal error|at .*\.js:\d/);
    // eslint-disable-next-line no-control-regex -- a terminal must not be given what a plan says
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('the same by standard input', async () => {
    const { code, stderr } = await refusal(['run', '-'], {
      input: yaml('  - { id: ../x, command: make }\n'),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('-:4:11: error: "../x" is no task id');
  });

  test('a file that is not there', async () => {
    rig.write('conductor/tracks/harbour_20260301/plan.md', '');
    const { code, stderr } = await refusal(['run', 'harbor_20260301']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `harbor_20260301: error: there is no such plan: neither the file ${join(rig.repo, 'harbor_20260301')}`,
    );
    expect(stderr).toContain('Did you mean harbour_20260301?');
  });

  test('a folder', async () => {
    mkdirSync(join(rig.repo, 'plans'));
    const { code, stderr } = await refusal(['run', 'plans']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'plans: error: it is a folder, not a plan. Name the plan file in it.\n',
    });
  });

  test('no input', async () => {
    const { code, stderr } = await refusal(['run']);
    expect(code).toBe(2);
    expect(stderr).toContain('no plan was named');
  });
});

describe('flags that are no good', () => {
  test.each([
    {
      flags: ['--max-parallel', '-1'],
      said: '--max-parallel: error: "-1" is not possible. Give a whole number from 1 to',
    },
    { flags: ['--max-parallel', '0'], said: '--max-parallel: error: "0" is not possible' },
    { flags: ['--workers', 'many'], said: '--workers: error: "many" is not possible' },
    {
      flags: ['--timeout', 'soon'],
      said: '--timeout: error: "soon" is not a duration; write a duration as 30m',
    },
    {
      flags: ['--on-failure', 'contniue'],
      said: '--on-failure: error: "contniue" is not known. Did you mean continue?',
    },
    { flags: ['--agent', 'claud'], said: 'needs agent "claud", which is not known. Did you mean claude?' },
    { flags: ['--max-paralel', '3'], said: '--max-parallel' },
  ])('$flags', async ({ flags, said }) => {
    rig.write('plan.yaml', 'signalbox: 1\ntasks: [{ id: a, prompt: work }]\n');
    const { code, stderr } = await refusal(['run', 'plan.yaml', ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  test('all of them are named at once', async () => {
    rig.write('plan.yaml', yaml('  - { id: a, command: make }\n'));
    const { code, stderr } = await refusal(['run', 'plan.yaml', '--max-parallel', '-1', '--timeout', 'soon']);
    expect(code).toBe(2);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map(line => line.split(':')[0]),
    ).toEqual(['--max-parallel', '--timeout']);
  });
});

describe('a place that is no good', () => {
  beforeEach(() => {
    rig.write('plan.yaml', yaml('  - { id: a, command: touch made }\n'));
  });

  test('a config with a typo', async () => {
    rig.write(
      'signalbox.config.yaml',
      '# how much at once\nretries: 1\nparalellism:\n  maxParallelTasks: 3\n',
    );
    const { code, stderr } = await refusal(['run', 'plan.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${join(rig.repo, 'signalbox.config.yaml')}:3:1: error: `);
    expect(stderr).toContain('Did you mean parallelism?');
  });

  test('a bus that others may write to', async () => {
    mkdirSync(rig.bus);
    chmodSync(rig.bus, 0o777);
    const { code, stderr } = await refusal(['run', 'plan.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('other users may write to it');
    expect(stderr).toContain(`chmod go-w ${rig.bus}`);
  });

  test('a bus that is a file', async () => {
    rig.write('.message-bus', 'I am a file');
    const { code, stderr } = await refusal(['run', 'plan.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('it is no folder');
  });

  (isRoot ? test : test.skip)(`a bus of another user${isRoot ? '' : ' (not run: needs root)'}`, async () => {
    mkdirSync(rig.bus, { mode: 0o700 });
    chownSync(rig.bus, NOBODY, NOBODY);
    const { code, stderr } = await refusal(['run', 'plan.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain(`it belongs to user ${NOBODY}, and you are user 0`);
    expect(stderr).toContain(`chown -R 0 ${rig.bus}`);
  });

  const canTry = !isRoot || canBeNobody();
  (canTry ? test : test.skip)(
    `a folder that may not be written to${canTry ? '' : ' (not run: no other user can be had)'}`,
    async () => {
      chmodSync(rig.repo, 0o555);
      const { code, stderr } = await refusal(['run', 'plan.yaml'], { through: isRoot ? AS_NOBODY : [] });
      chmodSync(rig.repo, 0o755);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `${rig.bus}: error: the bus cannot be used: it cannot be written to (EACCES). Make its folder writable, or name another bus with --bus.\n`,
      });
    },
  );
});

describe('while a daemon holds the bus', () => {
  test('a second one is sent away with the number of the first, and a bad plan leaves no trace', async () => {
    const first = rig.start(['up']);
    await until(() => first.said.stderr.includes('holds'), 10_000, 'a daemon that is up');
    const views = [layout.locks, layout.workerStatus, layout.progress];
    await until(() => views.every(view => existsSync(join(rig.bus, view))), 10_000, 'the first views');
    rig.write('bad.yaml', yaml('  - { id: ../x, command: make }\n'));

    const second = await refusal(['up']);
    expect(second.code).toBe(75);
    expect(second.stderr).toContain(`the bus has a daemon already: process ${first.pid}, since 2`);
    expect(second.stderr).toContain('signalbox down');

    for (const command of ['run', 'submit']) {
      const bad = await refusal([command, 'bad.yaml']);
      expect(bad.code).toBe(2);
      expect(bad.stderr).toContain('bad.yaml:4:11: error: "../x" is no task id');
    }
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });
});
