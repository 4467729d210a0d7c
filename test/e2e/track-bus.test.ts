import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';
import { judge } from '../oracle/journal-oracle.js';
import { endAllOf } from './leftovers.js';
import { journalOf, Rig } from './rig.js';

const TRACK = 'signal_lamp_20260412';
const FOLDER = `conductor/tracks/${TRACK}`;
const BUS = `${FOLDER}/.message-bus`;
const PLAN = `# Signal lamp

\`\`\`yaml
dag:
  nodes:
    - { id: "1.1", name: Lens, files: ["src/1.1.ts"], depends_on: [] }
    - { id: "1.2", name: Lamp, files: ["src/1.2.ts"], depends_on: [] }
    - { id: "2.1", name: Post, files: ["src/2.1.ts"], depends_on: ["1.1", "1.2"] }
\`\`\`

- [ ] Task 1.1: Lens
- [ ] Task 1.2: Lamp
- [ ] Task 2.1: Post
`;

const python = spawnSync('python3', ['--version']).status === 0;
const pythonTest = python ? test : test.skip;
const name = (what: string): string => (python ? what : `${what} (left out: there is no python3)`);
const script = (which: string): string => join(ROOT, 'test', 'e2e', `original-${which}.py`);

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write(`${FOLDER}/plan.md`, PLAN);
  rig.write('signalbox.config.yaml', 'settle_grace: 50ms\nkill_grace: 100ms\n');
});
afterEach(async () => {
  await endAllOf(join(rig.repo, BUS));
  await rig.remove();
});

const env = (): Record<string, string> => ({ PATH: `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}` });

test('init makes the bus of a track, which git does not see, and none at the root', async () => {
  expect(await rig.signalbox(['init', '--bus', BUS])).toMatchObject({
    code: 0,
    stdout: `made a message bus at ${join(rig.repo, BUS)}\n`,
  });
  expect(rig.read(`${BUS}/.gitignore`)).toBe('*\n');
  const seen = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: rig.repo });
  expect(seen.toString()).not.toContain('.message-bus');
  expect(existsSync(rig.bus)).toBe(false);
  expect((await rig.signalbox(['status'])).code).toBe(2);
  expect((await rig.signalbox(['status', '--bus', BUS])).code).toBe(0);
});

pythonTest(
  name(
    'a track run on its own bus, with a worker and a monitor of the source system, beside a daemon at the root',
  ),
  async () => {
    const works = `exec python3 '${script('worker')}' "$SIGNALBOX_BUS" "$SIGNALBOX_TASK_ID" complete go`;
    rig.write('bin/claude', `#!/bin/sh\necho "$PWD" >> places.log\n${works}\n`, 0o755);
    rig.plan('other.json', [{ id: '1.1', command: 'until [ -e go ]; do sleep 0.02; done' }]);
    expect((await rig.signalbox(['up', '--detach'])).code).toBe(0);
    expect((await rig.signalbox(['submit', 'other.json'])).code).toBe(0);
    const run = rig.start(['run', TRACK, '--bus', BUS], { env: env() });
    await until(
      () => rig.read(`${BUS}/worker-status.json`).split('"progress_pct": 50').length >= 3,
      15_000,
      'both at half',
    );
    writeFileSync(join(rig.repo, 'go'), '');
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('TASKS COMPLETED: 3\n');
    expect(rig.read(`${FOLDER}/plan.md`).match(/\[x\] .* <!-- abc1234 -->/g)).toHaveLength(3);
    // Workers of the source system write in place, so what stands there is whole only while none of them writes.
    // The source system's monitor is given the track, and looks for the bus in it.
    const monitor = spawn('python3', [script('monitor'), join(rig.repo, FOLDER), join(rig.repo, 'stop')]);
    let said = '';
    monitor.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    monitor.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const watched = new Promise<number | null>(resolve => monitor.once('exit', resolve));
    const again = ['run', TRACK, '--bus', BUS, '--fresh', '--no-tick', '--command', 'sleep 0.3'];
    expect((await rig.signalbox(again)).code).toBe(0);
    writeFileSync(join(rig.repo, 'stop'), '');
    expect({ code: await watched, said }).toEqual({ code: 0, said: expect.stringMatching(/^[1-9]\d*\n$/) });
    expect(rig.read(`${BUS}/events/PARALLEL_COMPLETE_${TRACK}.event`)).toBe('PASS\n');
    expect(readdirSync(join(rig.repo, BUS, layout.quarantine))).toEqual([]);
    // Its commands ran at the repo's root, as its files are named from there.
    expect([...new Set(rig.lines('places.log'))]).toEqual([rig.repo]);
    const records = journalOf(join(rig.repo, BUS));
    const runs = records.flatMap(({ facts }) =>
      facts.flatMap(fact => (fact.type === 'RunSubmitted' ? [fact.run] : [])),
    );
    for (const each of runs) expect(judge(records, each).violations).toEqual([]);
    // The task of the same id in the run of the other daemon is none of its business, and the other way round.
    await until(
      () => rig.runs().length === 1 && existsSync(join(rig.bus, layout.reportJson(rig.run()))),
      15_000,
    );
    expect(rig.report().tasks.map(task => [task.id, task.end, task.commit])).toEqual([
      ['1.1', 'complete', undefined],
    ]);
    expect(rig.read('.message-bus/queue.jsonl')).not.toContain(TRACK);
    expect((await rig.signalbox(['down'])).code).toBe(0);
  },
  60_000,
);
