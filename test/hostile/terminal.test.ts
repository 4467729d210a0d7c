/* eslint-disable no-control-regex -- what acts on a terminal is what this file is about */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { messageSchema } from '../../bus-schema/message.js';
import { PROGRAM, type Ended } from '../e2e/rig.js';
import { until } from '../until.js';
import { HostileRig } from './rig.js';

/** Clears the screen, sets its title, fills the clipboard, makes a link, turns text about, hides, begins a line of its own. */
const BAD =
  '\u001b[66m\u001b[2J\u001b]0;title\u0007\u001b]52;c;QUFB\u0007\u001b]8;;http://x.example\u001b\\\u009b2J\u009d0;x\u009c\u202e\u2066\u200b\ufeff\u2028\b\r\nFORGED  all is well';
/** What a repo path may hold of it: controls are refused there. */
const BAD_PATH = '\u009b2J\u202e\u2066\u200b\ufeffevil';
const evil = (field: string): string => `${field}${BAD}`;
/** Its last line is what is told of it. */
const OUTPUT = `${evil('first')}\n${evil('outputword').replace('\r\n', ' ')}`;
const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What no line for a person may have, and the word that only a forged line begins with. */
const TREACHEROUS =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const FORGED = /^\s*(?:\S+ +)?FORGED/m;

const AGENT = 'agent\u202e\u009b2J';
const TASKS = [
  { id: 'said', title: evil('titleword'), command: 'cat evil.txt >&2; exit 3', type: evil('typeword') },
  {
    id: 'told',
    command: 'cp told.txt told.new; mv told.new .message-bus/events/TASK_FAILED_told.event; sleep 60',
  },
  {
    id: 'agent',
    agent: AGENT,
    model: evil('modelword'),
    prompt: evil('promptword'),
    files: [`pathword${BAD_PATH}`],
  },
  { id: 'shares', command: ':', files: [`pathword${BAD_PATH}`], depends_on: ['agent'] },
  { id: 'waits', command: ':', files: ['held/by'], title: evil('waitword') },
];
const PLAN = { name: evil('planword'), settings: { retries: 0 }, limits: { [evil('typeword')]: 1 } };

const rig = new HostileRig();
let shown: Ended;
let run: string;

async function says(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.signalbox(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

beforeAll(async () => {
  rig.write('evil.txt', OUTPUT);
  rig.write('told.txt', evil('eventword'));
  rig.write(
    'signalbox.config.yaml',
    ascii({
      agents: { [AGENT]: { command: ['sh', '-c', 'cat evil.txt; exit 4', '{model}', '{prompt}'] } },
      settle_grace: 200,
    }),
  );
  rig.plan('plan.json', TASKS, PLAN);
  await rig.up();
  const now = new Date();
  const expires_at = new Date(now.getTime() + 3_600_000).toISOString();
  const foreign = { worker_id: evil('holderword'), acquired_at: now.toISOString(), expires_at };
  const locks = join(rig.bus, layout.locks);
  await until(() => existsSync(locks));
  writeFileSync(locks, JSON.stringify({ 'held/by': foreign, [`x\u001b]0;y`]: foreign, constructor: 7 }));
  await until(
    () => readFileSync(join(rig.bus, layout.daemonLog), 'utf8').includes('means nothing') || undefined,
    3000,
  ).catch(() => undefined);
  const running = rig.start(['run', 'plan.json'], { timeoutMs: 60_000 });
  await until(
    async () => {
      const { stdout } = await rig.signalbox(['status']);
      return /waits {4}waits/.test(stdout) && stdout.includes('1 left');
    },
    30_000,
    'all but the task that waits at their end',
  );
  run = rig.runs()[0] ?? '';
  writeFileSync(join(rig.bus, layout.event('bad\u001b]0;x\u202e.event')), '');
  const told = {
    id: 'x',
    type: 'TASK_COMPLETE',
    source: 's',
    timestamp: 't',
    payload: { task_id: evil('feedword'), error: evil('feedword') },
  };
  writeFileSync(join(rig.bus, layout.queue), `${JSON.stringify(told)}\nno message ${BAD}\n`, { flag: 'a' });
  before.push(
    ...(await Promise.all(
      [['status'], ['explain', 'waits'], ['lock', 'list'], ['tail', '--no-follow', '-n', '1000']].map(args =>
        says(...args),
      ),
    )),
    rig.read('.message-bus/progress.txt'),
  );
  writeFileSync(locks, '{}');
  shown = await running.ended;
}, 120_000);
const before: string[] = [];
afterAll(() => rig.remove());

describe('text from outside is shown, and acts on nobody’s terminal', () => {
  const screens: readonly (readonly [string, () => string | Promise<string>, readonly string[]])[] = [
    [
      'status, while tasks wait',
      () => before[0] ?? '',
      ['planword', 'outputword', 'eventword', 'holderword'],
    ],
    ['explain of a task that waits', () => before[1] ?? '', ['holderword']],
    ['lock list', () => before[2] ?? '', ['holderword']],
    ['tail', () => before[3] ?? '', ['outputword', 'eventword', 'titleword', 'feedword', 'no message']],
    ['progress.txt', () => before[4] ?? '', ['planword']],
    ['run, without a terminal', () => shown.stderr, ['titleword', 'outputword', 'eventword']],
    ['run, its result', () => shown.stdout, ['outputword', 'eventword']],
    ['status, at the end', () => says('status', run), ['planword', 'outputword']],
    ['explain of a task that failed', () => says('explain', 'told'), ['eventword']],
    ['report', () => says('report', run), ['outputword', 'eventword']],
    [
      'report.md',
      () => rig.read(`.message-bus/${layout.reportText(run as never)}`),
      ['planword', 'titleword', 'outputword', 'eventword'],
    ],
    ['plan', () => says('plan', 'plan.json'), ['planword', 'typeword', 'pathword', 'agent']],
    ['plan, for Mermaid', () => says('plan', 'plan.json', '--as', 'mermaid'), ['titleword', 'waitword']],
    [
      'plan, as YAML',
      () => says('plan', 'plan.json', '--as', 'yaml'),
      ['planword', 'promptword', 'pathword'],
    ],
    ['daemon.log', () => rig.read('.message-bus/daemon.log'), ['daemon started']],
    ['what the daemon says', () => rig.daemon.said.stderr, ['holds']],
  ];
  test.each(screens)('%s', async (_what, look, words) => {
    const text = await look();
    for (const word of words) expect(text).toContain(word);
    expect(text).not.toMatch(TREACHEROUS);
    expect(text).not.toMatch(FORGED);
  });

  test.each([
    ['status'],
    ['explain', 'told'],
    ['report'],
    ['plan', 'plan.json'],
    ['tail', '--no-follow', '-n', '1000'],
  ])('%s as JSON is JSON, and says the same text whole', async (...args) => {
    const text = await says(...args, '--json');
    const docs = args[0] === 'tail' ? text.trimEnd().split('\n') : [text];
    for (const doc of docs) expect(() => JSON.parse(doc) as unknown).not.toThrow();
    expect(text).not.toMatch(TREACHEROUS);
  });

  test('each line of the feed that is ours is whole JSON', () => {
    const lines = rig.lines('.message-bus/queue.jsonl').filter(line => line.includes(`"run_id":"${run}"`));
    expect(lines.length).toBeGreaterThan(5);
    const messages = lines.map(line => messageSchema.parse(JSON.parse(line)));
    expect(
      messages.find(({ type, payload }) => type === 'TASK_FAILED' && payload.task_id === 'told')?.payload
        .error,
    ).toBe(evil('eventword'));
  });

  test('a task’s own log is what the task wrote, byte for byte: whoever looks at it looks at the task', async () => {
    expect(await says('logs', 'said')).toBe(OUTPUT);
  });

  test('the reason of what was put into quarantine', async () => {
    const reason = await rig.quarantined(/its name is no event/);
    expect(reason).not.toMatch(TREACHEROUS);
    expect(reason).toContain('bad\\x1b]0;x\\u202e.event');
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
(hasScript ? test : test.skip)(
  `run, on a terminal${hasScript ? '' : ' (not run: there is no script(1))'}`,
  async () => {
    rig.plan('live.json', TASKS.slice(0, 2), { ...PLAN, name: evil('liveword') });
    const command = `'${process.execPath}' '${PROGRAM}' run live.json`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: rig.repo,
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, TERM: 'xterm', SIGNALBOX_BUS: '' },
    });
    for (const word of ['titleword', 'outputword', 'eventword']) expect(stdout).toContain(word);
    // Ours are colours, and moves and deletions of the lines that are drawn anew; none of them stands in what was said.
    const ours = /\u001b\[(?:\?25[hl]|\?2026[hl]|[0-9;]*[mGKJA])/g;
    expect(stdout).not.toMatch(/\u001b\[(?:66m|2J)|\u001b\]/);
    expect(stdout.replace(ours, '').replaceAll('\r', '')).not.toMatch(TREACHEROUS);
    expect(stdout.replace(ours, '').replaceAll('\r', '\n')).not.toMatch(FORGED);
  },
  60_000,
);

test('a plan that is refused is quoted so that it can be seen', async () => {
  rig.plan(
    'bad.json',
    [{ id: evil('idword'), command: ':', [evil('keyword')]: 1, depends_on: [evil('depword')] }],
    PLAN,
  );
  const { code, stderr } = await rig.signalbox(['run', 'bad.json']);
  expect(code).toBe(2);
  for (const word of ['idword', 'keyword', 'depword', 'letters, digits']) expect(stderr).toContain(word);
  expect(stderr).not.toMatch(TREACHEROUS);
  expect(stderr).not.toMatch(FORGED);
});
