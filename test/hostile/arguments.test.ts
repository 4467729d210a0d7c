import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Rig } from '../e2e/rig.js';

/** What a shell would make something else of, if one came near it. */
const SLY =
  '-rf --help "double" \'single\' `id` $(id) ${HOME} $HOME ; & | > < * ? [a] {a,b} ~ ! # \\ \\n %s\n\tnext line\r\n\u001b[31m é 😀 \u202e\u009b end ';
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes down what it was called with, byte for byte. */
const ECHO = `const { createHash } = require('crypto'), { readFileSync, writeFileSync } = require('fs');
const digest = bytes => createHash('sha256').update(bytes).digest('hex');
const [task, ...argv] = process.argv.slice(2);
const line = readFileSync('/proc/self/cmdline');
writeFileSync('said-' + task, JSON.stringify({ argv: argv.map(digest), stdin: digest(readFileSync(0)), bytes: line.length }));
`;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('echo.cjs', ECHO);
  const command = (...words: string[]): { command: string[] } => ({
    command: ['node', 'echo.cjs', ...words],
  });
  rig.write(
    'signalbox.config.yaml',
    JSON.stringify({
      agents: {
        first: command('{task}', '{prompt}', '{model}', '{title}'),
        within: command('{task}', '--prompt={prompt}'),
        '-sly $(id)': command('{task}', '{prompt}', '{agent}'),
      },
    }),
  );
});
afterEach(() => rig.remove());

const said = (task: string): { argv: string[]; stdin: string } =>
  JSON.parse(rig.read(`said-${task}`)) as { argv: string[]; stdin: string };

describe('what a plan says reaches the command as it stands', () => {
  test('to an agent: prompt, model and title, whatever a shell would make of them', async () => {
    rig.plan('plan.json', [
      { id: 'a', agent: 'first', prompt: SLY, model: `m${SLY}`, title: SLY },
      { id: 'b', agent: 'within', prompt: SLY },
      { id: 'e', agent: 'first', prompt: SLY.slice(1) },
      { id: 'c', agent: 'first', prompt: '-', title: 'one' },
      { id: 'd', agent: 'first', prompt: "'; touch forged; '", title: '{prompt} {task}' },
    ]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    // A word of its own that begins with a dash could be taken for an option: it goes by standard input.
    expect(said('a')).toMatchObject({ argv: [`m${SLY}`, SLY].map(digest), stdin: digest(SLY) });
    expect(said('e').argv[0]).toBe(digest(SLY.slice(1)));
    expect(said('b').argv).toEqual([digest(`--prompt=${SLY}`)]);
    expect(said('c').stdin).toBe(digest('-'));
    // What is filled in is not filled in again.
    expect(said('d').argv.at(-1)).toBe(digest('{prompt} {task}'));
    expect(rig.read('forged')).toBe('');
  });

  test('to an agent: a prompt of 5 MB, by standard input', async () => {
    const prompt = `${SLY}${'x'.repeat(5 * 1024 ** 2)}${SLY}`;
    rig.plan('plan.json', [{ id: 'long', agent: 'first', prompt }]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { argv, stdin } = said('long');
    expect(stdin).toBe(digest(prompt));
    expect(argv).not.toContain(digest(prompt));
  });

  test('to a shell: the command that the plan gives, and nothing of the plan beside it', async () => {
    const command = `node echo.cjs shell '$(touch forged)' "a  b"`;
    rig.plan('plan.json', [
      { id: 'shell', command, title: '$(touch forged)', env: { SLY } },
      { id: 'env', command: 'printf %s "$SLY" | node echo.cjs env', title: SLY, env: { SLY } },
    ]);
    const { code } = await rig.signalbox(['run', 'plan.json']);
    expect(code).toBe(0);
    expect(said('shell').argv).toEqual(['$(touch forged)', 'a  b'].map(digest));
    expect(said('env').stdin).toBe(digest(SLY));
    expect(rig.read('forged')).toBe('');
  });

  test('to an agent whose own name is of that kind', async () => {
    rig.plan('own.json', [{ id: 'one', agent: '-sly $(id)', prompt: SLY.slice(1) }]);
    const { code } = await rig.signalbox(['run', 'own.json']);
    expect(code).toBe(0);
    expect(said('one').argv).toEqual([SLY.slice(1), '-sly $(id)'].map(digest));
  });

  test.each([
    ['a command', { command: 'echo \0' }],
    ['a prompt', { agent: 'first', prompt: 'a\0b' }],
    ['a title', { command: ':', title: 'a\0b' }],
    ['a variable', { command: ':', env: { A: 'a\0b' } }],
  ])('NUL cannot reach it: %s with one is refused', async (_what, task) => {
    rig.plan('plan.json', [{ id: 'a', ...task }]);
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/NUL/) as unknown });
  });
});
