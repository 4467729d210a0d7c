import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StartOrder } from '../../../bus-schema/assignment.js';
import { layout } from '../../../bus-schema/layout.js';
import { lives, Rig } from '../rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

/** Puts an agent made of a few lines of JavaScript at the repo's root. */
function agent(source: string): string {
  const path = join(rig.root, 'agent.cjs');
  writeFileSync(path, `#!${process.execPath}\n${source}`);
  chmodSync(path, 0o700);
  return path;
}

function call(
  argv: string[],
  more: { promptBy?: 'argv' | 'stdin'; env?: string[] } = {},
): StartOrder['work'] {
  return { kind: 'agent', agent: 'mine', argv, prompt: '', promptBy: 'argv', env: [], ...more };
}

const HOSTILE = [
  '',
  ' ',
  '-rf',
  '--print',
  `it's "quoted"`,
  'two\nlines\r\n',
  '$(touch witness) `touch witness`; touch witness',
  '$HOME * ? {a,b} ~ !! \\ %s &|<>',
  'tab\tand \u0001 and \u{1f682} and \u00e9',
  'x'.repeat(100_000),
];

describe('an agent', () => {
  test('gets its argv byte for byte, with no shell in between', async () => {
    const path = agent(`require('fs').writeFileSync('argv.json', JSON.stringify(process.argv.slice(2)))`);
    const order = rig.start().send('t1', call([path, ...HOSTILE]));
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
    expect(JSON.parse(readFileSync(join(rig.root, 'argv.json'), 'utf8'))).toEqual(HOSTILE);
    expect(existsSync(join(rig.root, 'witness'))).toBe(false);
  });

  test('gets a large prompt whole through its standard input', async () => {
    const prompt = randomBytes(5_000_000);
    const path = agent(
      `const h = require('crypto').createHash('sha256');
       process.stdin.on('data', d => h.update(d)).on('end', () => console.log(h.digest('hex')));`,
    );
    const order = rig.order('t1', call([path], { promptBy: 'stdin' }));
    writeFileSync(rig.path(layout.prompt(order.run, order.attempt)), prompt);
    rig.start().append(`${JSON.stringify(order)}\n`);
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
    expect(rig.output(order).trim()).toBe(createHash('sha256').update(prompt).digest('hex'));
  });

  test('whose prompt goes by argv finds its standard input at its end', async () => {
    const path = agent(`process.stdin.resume().on('end', () => console.log('end of input'))`);
    const order = rig.start().send('t1', call([path, 'do it']));
    await rig.told(order);
    expect(rig.output(order)).toBe('end of input\n');
  });

  test('gets of the environment what is on the list, and no secret', async () => {
    const path = agent(`console.log(JSON.stringify(process.env))`);
    const allowed = {
      HOME: '/home/someone',
      LANG: 'C.UTF-8',
      LC_TIME: 'C',
      HTTPS_PROXY: 'http://proxy:1',
      no_proxy: 'localhost',
      XDG_CONFIG_HOME: '/home/someone/.config',
      TZ: 'UTC',
      MY_AGENT_KEY: 'its own',
    };
    rig.start({ ...allowed, AWS_SECRET_ACCESS_KEY: 'secret', GITHUB_TOKEN: 'secret', XLC_A: 'secret' });
    const order = rig.send('t1', call([path], { env: ['MY_AGENT_KEY', 'NOT_SET'] }), {
      env: { MODE: 'fast' },
    });
    await rig.told(order);
    const got = JSON.parse(rig.output(order)) as Record<string, string>;
    const prompt = rig.path(layout.prompt(order.run, order.attempt));
    expect(got).toMatchObject({
      ...allowed,
      MODE: 'fast',
      SIGNALBOX_TASK_ID: 't1',
      SIGNALBOX_PROMPT_FILE: prompt,
    });
    expect(Object.values(got)).not.toContain('secret');
    expect(Object.keys(got)).not.toContain('NODE_OPTIONS');
    expect(Object.keys(got)).not.toContain('NOT_SET');
  });

  test('that is not installed is told by its name', async () => {
    const told = await rig.told(rig.start().send('t1', call(['no-such-agent', '--print', 'x'])));
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(told.payload.error).toContain('there is no program no-such-agent');
    expect(told.payload.error).toContain('ENOENT');
    expect(told.exit).toBeUndefined();
  });

  test('cannot be started with a zero byte in its argv, and that is told', async () => {
    const told = await rig.told(rig.start().send('t1', call(['/bin/echo', 'a\0b'])));
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(told.payload.error).toContain('null bytes');
  });

  test('that needs a prompt file which is not there is not started', async () => {
    const path = agent(`require('fs').writeFileSync('witness', '')`);
    const told = await rig.told(rig.start().send('t1', call([path], { promptBy: 'stdin' })));
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(told.payload.error).toContain('.prompt');
    expect(existsSync(join(rig.root, 'witness'))).toBe(false);
  });

  test('ends with its exit code and its last line, its children that hold the log notwithstanding', async () => {
    const path = agent(
      `const child = require('child_process').spawn('sleep', ['300'], { stdio: 'inherit', detached: true });
       child.unref();
       require('fs').writeFileSync('pids', child.pid + '\\n');
       console.log('limit reached');
       process.exitCode = 9;`,
    );
    const order = rig.start().send('t1', call([path]));
    const told = await rig.told(order);
    expect(told.outcome).toEqual({ kind: 'failed', reason: 'exit', message: 'exit code 9: limit reached' });
    expect(lives(Number(await rig.written('pids')))).toBe(true); // in a session of its own: not seen on this path
  });

  test('is ended with the session that its tool runs in', async () => {
    const path = agent(
      `const child = require('child_process').spawn('sh', ['-c', "trap '' TERM; while :; do sleep 0.1; done"], { detached: true });
       require('fs').writeFileSync('pids', child.pid + '\\n');`,
    );
    const order = rig.start().send('t1', call([path]));
    const pid = Number(await rig.written('pids'));
    expect(lives(pid)).toBe(true);
    rig.stop(order, 'stalled');
    expect((await rig.told(order)).outcome).toMatchObject({ kind: 'failed', reason: 'stalled' });
    expect(lives(pid)).toBe(false);
  });
});
