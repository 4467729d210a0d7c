import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { program } from '../../../daemon/cli/program.js';
import { CliRig } from './rig.js';

let rig: CliRig;

beforeEach(() => {
  rig = new CliRig();
});
afterEach(() => rig.remove());

const COMMANDS = program().commands.map(command => command.name());

describe('help', () => {
  test.each(COMMANDS)('%s says what it does, with an example', async name => {
    const { code, stdout, stderr } = await rig.call([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: signalbox ${name}`);
    expect(stdout).toMatch(new RegExp(`\nExamples:\n  signalbox ${name}`));
    expect(stdout).toContain('--bus <dir>');
  });

  test('the commands are there', () => {
    expect(COMMANDS).toEqual([
      ...[
        'run',
        'submit',
        'plan',
        'init',
        'up',
        'down',
        'prune',
        'cancel',
        'retry',
        'pause',
        'resume',
        'status',
      ],
      ...['explain', 'logs', 'tail', 'report', 'doctor', 'heartbeat', 'progress', 'complete', 'fail', 'lock'],
    ]);
  });

  test('the version is one, and no command at all is bad usage', async () => {
    expect(await rig.result('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { code, stdout, stderr } = await rig.call([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: signalbox');
  });
});

describe('bad usage ends with 2, nothing on standard output, and says what would be right', () => {
  async function refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await rig.call(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  }

  test('a command and a flag that nearly exist', async () => {
    expect(await refusal('stats')).toContain("unknown command 'stats'\n(Did you mean status?)");
    expect(await refusal('run', '--max-paralel', '3', 'x')).toContain('(Did you mean --max-parallel?)');
    expect(await refusal('status', '--frobnicate')).toContain("unknown option '--frobnicate'");
  });

  test('an argument too few, and one too many', async () => {
    expect(await refusal('explain')).toContain("missing required argument 'task'");
    expect(await refusal('init', 'here')).toContain('too many arguments');
    expect(await refusal('plan', 'x', '--timeout')).toContain(
      "option '--timeout <duration>' argument missing",
    );
  });

  test.each(['run', 'plan'])('%s: all that is wrong with its flags and its input', async command => {
    const said = await refusal(command, 'gone.yaml', '--max-parallel', '-3', '--timeout', 'soon');
    expect(said).toContain(
      '--max-parallel: error: "-3" is not possible. Give a whole number from 1 to 1000.',
    );
    expect(said).toContain('--timeout: error: "soon" is not a duration');
  });

  test.each(['run', 'plan'])('%s: a file that is missing, one that is no plan, a folder', async command => {
    expect(await refusal(command, 'gone.yaml')).toContain(
      `gone.yaml: error: there is no such plan: neither the file ${join(rig.path, 'gone.yaml')} nor a track`,
    );
    rig.write('notes.md', '# Notes\n\nNothing to do.\n');
    expect(await refusal(command, 'notes.md')).toContain('notes.md: error: this is not a plan');
    mkdirSync(join(rig.path, 'folder'));
    expect(await refusal(command, 'folder')).toContain('it is a folder, not a plan');
  });

  test('a plan with several mistakes: each with its line, and by the name that was given', async () => {
    rig.write(
      'bad.yaml',
      'signalbox: 1\nname: bad\ntasks:\n  - { id: a, command: x, depends_on: [zz] }\n  - { id: a, comand: y }\n',
    );
    const said = await refusal('plan', 'bad.yaml');
    expect(said).toMatch(/^bad\.yaml:4:\d+: error: .*zz/m);
    expect(said).toMatch(/^bad\.yaml:5:\d+: error: .*Did you mean command\?/m);
  });

  test('a bus that is not there, or is something else', async () => {
    const said = await refusal('status');
    expect(said).toContain(`${rig.bus}: error: there is no message bus. Make one with \`signalbox init\``);
    mkdirSync(join(rig.path, 'other'));
    expect(await refusal('tail', '--bus', 'other')).toContain('this is no message bus');
    expect(await refusal('complete')).toContain('there is no message bus');
  });

  test('a bus that others may write to is refused with the way to close it', async () => {
    await rig.result('init');
    chmodSync(rig.bus, 0o777);
    for (const args of [['status'], ['run', 'x'], ['up'], ['complete', '--task', 'a'], ['init']])
      expect(await refusal(...args)).toContain(`Close it with: chmod go-w ${rig.bus}`);
    const { code, stdout } = await rig.call(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toContain('bad   bus: the bus cannot be used: other users may write to it');
    chmodSync(rig.bus, 0o700);
  });

  test('no daemon, for a command that needs one', async () => {
    await rig.result('init');
    rig.plan('p.json', [{ id: 'a', command: 'true' }]);
    for (const args of [
      ['submit', 'p.json'],
      ['pause'],
      ['resume'],
      ['cancel', 'x'],
      ['retry', 'x'],
      ['down'],
    ])
      expect(await refusal(...args)).toBe(
        'signalbox: no daemon holds this bus; start one with `signalbox up`\n',
      );
  });

  test('a run and a task that do not exist', async () => {
    await rig.result('init');
    expect(await refusal('status', 'nope')).toContain('there is no run nope. There is no run yet.');
    expect(await refusal('explain', 'nope')).toContain('no run has a task nope. There is no run yet.');
    expect(await refusal('logs', 'nope')).toContain('no run has a task nope');
    expect(await refusal('report')).toContain('no run has ended yet');
  });

  test('flags of single commands', async () => {
    await rig.result('init');
    expect(await refusal('tail', '-n', 'all')).toContain('-n: error: "all" is not possible');
    expect(await refusal('down', '--now', '--leave')).toContain('give one of them');
    expect(await refusal('progress', '140', '--task', 'a')).toContain('"140" is no percentage');
    expect(await refusal('plan', 'x', '--as', 'yml')).toContain('Did you mean yaml?');
    expect(await refusal('progress', '40')).toContain('Name it, such as --task 1.2');
    expect(await refusal('heartbeat')).toContain('Name the worker, such as --worker worker-1');
    expect(await refusal('complete', '--task', '../x')).toContain('"../x" is no id');
  });
});

describe('output', () => {
  test('a reader that has seen enough ends it quietly', async () => {
    const tasks = Array.from({ length: 5000 }, (_, index) => ({ id: `task-${index}`, command: 'true' }));
    rig.plan('big.json', tasks);
    const { code, stdout, stderr } = await rig.pipe(['plan', 'big.json', '--json'], 'head -n 1');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '{\n', stderr: '' });
  });

  test('nothing in a plan can act on a terminal', async () => {
    rig.plan('p.json', [{ id: 'a', title: 'red \u001b[31m \u009b31m \u202e', command: 'true' }]);
    for (const form of ['text', 'json', 'yaml', 'mermaid']) {
      const shown = await rig.result('plan', 'p.json', '--as', form);
      // eslint-disable-next-line no-control-regex -- that is what is looked for
      expect(shown).not.toMatch(/[\u001b\u009b\u202e]/);
    }
    expect(await rig.json('plan', 'p.json')).toMatchObject({
      plan: { tasks: [{ title: 'red \u001b[31m \u009b31m \u202e' }] },
    });
  });

  test('a plan by standard input', async () => {
    const plan = 'signalbox: 1\nname: piped\ntasks: [{ id: a, command: "true" }]\n';
    const { code, stdout } = await rig.call(['plan', '-', '--json'], { input: plan });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ plan: { name: 'piped' }, waves: [['a']] });
  });

  test('an error of the system is told as one, not as a bug of ours', async () => {
    await rig.result('init');
    mkdirSync(join(rig.bus, 'journal', '000000000001.jsonl'));
    const { code, stderr } = await rig.call(['status']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox: EISDIR/);
  });
});
