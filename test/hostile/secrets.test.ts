import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Rig } from '../e2e/rig.js';

const IN_ENVIRONMENT = 'canary-of-the-environment-7f3a';
const IN_PROMPT = 'canary-of-the-prompt-91bc';
const IN_OUTPUT = 'canary-of-the-output-5d20';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

function everyPath(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...everyPath(path)] : [path];
  });
}

/** Files of the bus in which a text stands. */
const holding = (text: string): string[] =>
  everyPath(rig.bus)
    .filter(path => lstatSync(path).isFile() && readFileSync(path, 'latin1').includes(text))
    .map(path => relative(rig.bus, path).replace(/^runs\/[^/]+\//, 'runs/…/'));

/** A run of a command and of an agent, each of which fails, under this umask. */
async function failingRun(umask: string): Promise<{ screens: string }> {
  rig.write(
    'signalbox.config.yaml',
    JSON.stringify({
      agents: { loud: { command: ['sh', '-c', `echo ${IN_OUTPUT}; echo sorry; exit 3`, '{prompt}'] } },
      retries: 0,
    }),
  );
  rig.plan('plan.json', [
    { id: 'agent', agent: 'loud', prompt: `do not tell ${IN_PROMPT}` },
    { id: 'shell', command: 'echo sorry; exit 1' },
    { id: 'fine', command: 'test -n "$TOLD"', files: ['a/'] },
  ]);
  const env = { TOLD: IN_ENVIRONMENT, ANTHROPIC_API_KEY: IN_ENVIRONMENT };
  const through = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
  const ended = await rig.signalbox(['run', 'plan.json'], { env, through });
  expect(ended.code).toBe(1);
  const others = [
    ['status', '--json'],
    ['status'],
    ['report'],
    ['report', '--json'],
    ['explain', 'agent'],
    ['tail', '--no-follow', '-n', '1000'],
    ['doctor'],
  ];
  const said = await Promise.all(others.map(args => rig.signalbox(args, { env })));
  return { screens: [ended, ...said].map(({ stdout, stderr }) => stdout + stderr).join('\n') };
}

test('what the environment holds is in no file and on no screen of ours', async () => {
  const { screens } = await failingRun('022');
  expect(holding(IN_ENVIRONMENT)).toEqual([]);
  expect(screens).not.toContain(IN_ENVIRONMENT);
});

test('what a prompt holds is in the stored plan, the order to its worker and the prompt file of its attempt, and nowhere else', async () => {
  const { screens } = await failingRun('022');
  const places = new Set(
    holding(IN_PROMPT).map(path =>
      path.replace(/worker-\d+/, 'worker-N').replace(/attempts\/.*\./, 'attempts/….'),
    ),
  );
  expect([...places].sort()).toEqual([
    'runs/…/attempts/….prompt',
    'runs/…/plan.json',
    'workers/worker-N/assignments',
  ]);
  expect(screens).not.toContain(IN_PROMPT);
});

test('what a task prints is in its own log, and of a failed one the last line in what tells of it', async () => {
  const { screens } = await failingRun('022');
  // That an agent prints it stands in the config, and so in the stored plan and the order.
  const places = holding(IN_OUTPUT).filter(path => !/plan\.json$|assignments$/.test(path));
  expect(places).toHaveLength(1);
  expect(places[0]).toMatch(/^runs\/…\/attempts\/.*\.log$/);
  expect(screens).not.toContain(IN_OUTPUT);
  expect(screens).toContain('sorry');
});

describe('all of a bus is its owner’s alone', () => {
  test.each(['000', '022', '077'])('with umask %s', async umask => {
    await failingRun(umask);
    const paths = [rig.bus, ...everyPath(rig.bus)];
    expect(paths.length).toBeGreaterThan(25);
    const open = paths
      .map(path => ({ path: relative(rig.repo, path), stat: lstatSync(path) }))
      .filter(({ stat }) => (stat.mode & 0o777) !== (stat.isDirectory() ? 0o700 : 0o600))
      .map(({ path, stat }) => `${(stat.mode & 0o777).toString(8)} ${path}`);
    expect(open).toEqual([]);
  });
});
