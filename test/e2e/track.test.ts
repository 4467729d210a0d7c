import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import { messageSchema } from '../../bus-schema/message.js';
import { until } from '../until.js';
import { judge } from '../oracle/journal-oracle.js';
import { journalOf, Rig, treeOf, type Call, type Ended } from './rig.js';

const TRACK = 'signal_lamp_20260412';
const PLAN = `conductor/tracks/${TRACK}/plan.md`;
const METADATA = `conductor/tracks/${TRACK}/metadata.json`;
const BACKOFF = 'backoff: { first: 20ms, longest: 40ms }\n';

/** Eight tasks that could all run at once, one after them, and one after that. */
const NODES = [
  ...Array.from({ length: 8 }, (_, index) => ({ id: `1.${index + 1}`, dependsOn: '' })),
  { id: '2.1', dependsOn: '"1.1", "1.2"' },
  { id: '3.1', dependsOn: '"2.1", "1.8"' },
];
const IDS = NODES.map(({ id }) => id);

const PLAN_TEXT = `# Signal lamp

\`\`\`yaml
dag:
  nodes:
${NODES.map(
  ({ id, dependsOn }) =>
    `    - id: "${id}"\n      name: "Step ${id}"\n      type: "code"\n      files: ["lamp/${id}.ts"]\n      depends_on: [${dependsOn}]`,
).join('\n')}
\`\`\`

${IDS.map(id => `- [ ] Task ${id}: Step ${id}`).join('\n')}
`;

/** As odd as an author's file may be: tabs, blanks at line ends, numbers written long, keys that nobody knows. */
const metadata = (step: string, status: string, counts = ''): string => `{
\t"version": 3,   "track_id" : "${TRACK}",\t
\t"zeta": [1,2,
\t\t3.00, 1e2 ],
\t"loop_state": {
\t\t"step_status" :  "${status}",
\t\t"fix_cycle_count": 0,
\t\t"current_step":"${step}" ,
\t\t"checkpoints": { "PLAN" : {"status":"PASSED"} }${counts}
\t},
\t"unknown_key": { "ünï": "\\u00e9\\/", "nothing": null },
\t"loop_state_copy": { "current_step": "PARALLEL_EXECUTE" },

\t"created_at": "2026-04-12"
}  `;

/** What a run adds to it: attempts, and tasks. */
const counted = (spawned: number, completed: number, failed: number): string =>
  `,\n\t\t"parallel_state": {\n\t\t\t"total_workers_spawned": ${spawned},\n\t\t\t"completed_workers": ${completed},\n\t\t\t"failed_workers": ${failed}\n\t\t}`;

/** An agent of ours in the place of the real one: it bears witness of how it was called, works a little, and may fail. */
const FAKE_AGENT = `#!/bin/sh
line="$#"
for argument; do line="$line <$argument>"; done
echo "begin $line" >> calls.log
echo "\${NOT_FOR_AGENTS-unset} $SIGNALBOX_TASK_ID $PWD" >> surroundings.log
sleep 0.1
echo "end $line" >> calls.log
case "$2" in
  *" $(cat fail-on 2>/dev/null)") echo "the lamp is out" >&2; exit 4 ;;
esac
`;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write(PLAN, PLAN_TEXT);
  rig.write(METADATA, metadata('PARALLEL_EXECUTE', 'IN_PROGRESS'));
  rig.write('signalbox.config.yaml', BACKOFF);
  rig.write('bin/claude', FAKE_AGENT, 0o755);
});
afterEach(async () => {
  await rig.remove();
});

const runTrack = (call: Call = {}): Promise<Ended> =>
  rig.signalbox(['run', TRACK], {
    ...call,
    env: {
      PATH: `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}`,
      NOT_FOR_AGENTS: 'secret',
      ...call.env,
    },
  });

const callOf = (id: string): string => `2 <--print> </task-worker ${TRACK} ${id}>`;

/** The calls that began, in their order, and how many went on at once. */
function calls(): { begun: string[]; peak: number } {
  const begun: string[] = [];
  let [open, peak] = [0, 0];
  for (const line of rig.lines('calls.log')) {
    const [, verb, call = ''] = /^(begin|end) (.*)$/.exec(line) ?? [];
    if (verb === 'begin') begun.push(call);
    open += verb === 'begin' ? 1 : -1;
    peak = Math.max(peak, open);
  }
  return { begun, peak };
}

const event = (name: string): string => rig.read(join('.message-bus', layout.event(`${name}.event`)));

describe('a track whose tasks all succeed', () => {
  test('calls the agent once a task, five at once at most, and leaves what the next step looks for', async () => {
    const { code, stdout } = await runTrack();
    expect(stdout).toBe(
      'PARALLEL EXECUTION COMPLETE\nWORKERS SPAWNED: 10\nTASKS COMPLETED: 10\nTASKS FAILED: 0\n',
    );
    expect(code).toBe(0);
    const { begun, peak } = calls();
    expect([...begun].sort()).toEqual(IDS.map(callOf).sort());
    expect(begun.indexOf(callOf('2.1'))).toBeGreaterThan(begun.indexOf(callOf('1.2')));
    expect(begun.at(-1)).toBe(callOf('3.1'));
    expect(peak).toBeLessThanOrEqual(5);
    expect(judge(journalOf(rig.bus), rig.run())).toMatchObject({ violations: [], peak: 5 });
    expect(event(`PARALLEL_COMPLETE_${TRACK}`)).toBe('PASS\n');
    for (const id of IDS) expect(event(`TASK_COMPLETE_${id}`)).toContain(`"task_id":"${id}"`);
    expect(rig.read(METADATA)).toBe(metadata('EVALUATE_EXECUTION', 'NOT_STARTED', counted(10, 10, 0)));
    expect(rig.read(PLAN)).toBe(PLAN_TEXT.replaceAll('- [ ]', '- [x]'));
    const surroundings = IDS.map(id => `unset ${id} ${rig.repo}`).sort();
    expect(rig.lines('surroundings.log').sort()).toEqual(surroundings);
  });

  test('may be started from a folder below the root, and found by the path of its plan', async () => {
    mkdirSync(join(rig.repo, 'docs/deep'), { recursive: true });
    const path = join('../..', PLAN);
    const first = await rig.signalbox(['run', path, '--command', ':'], { cwd: join(rig.repo, 'docs/deep') });
    expect(first).toMatchObject({ code: 0 });
    const second = await rig.signalbox(['run', TRACK, '--fresh', '--command', ':'], {
      cwd: join(rig.repo, 'docs'),
    });
    expect(second).toMatchObject({ code: 0 });
    expect(rig.runs()).toHaveLength(2);
    expect(existsSync(join(rig.repo, 'docs/.message-bus'))).toBe(false);
  });

  test('takes the commit that a worker leaves in its event file into the plan', async () => {
    const done = 'echo 1a2b3c4d > "$SIGNALBOX_BUS/events/TASK_COMPLETE_$SIGNALBOX_TASK_ID.event"';
    const { code } = await rig.signalbox(['run', TRACK, '--command', done]);
    expect(code).toBe(0);
    expect(rig.report().tasks.map(task => task.commit)).toEqual(IDS.map(() => '1a2b3c4d'));
    const boxes = PLAN_TEXT.replaceAll(/^- \[ \] (.*)$/gm, '- [x] $1 <!-- 1a2b3c4d -->');
    expect(rig.read(PLAN)).toBe(boxes);
  });
});

describe('a track that cannot be run', () => {
  test('without the agent nothing is started and nothing is written', async () => {
    const before = treeOf(rig.repo);
    const { code, stdout, stderr } = await runTrack({ env: { PATH: join(rig.repo, 'conductor') } });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('error: the plan\'s agent needs the program "claude", which is not on PATH');
    expect(stderr).toContain('--command');
    expect(treeOf(rig.repo)).toEqual(before);
  });

  test('an id that is nearly right is helped', async () => {
    const { code, stderr } = await rig.signalbox(['run', 'signal_lamp_20260421']);
    expect(code).toBe(2);
    expect(stderr).toContain(`Did you mean ${TRACK}?`);
    expect(existsSync(rig.bus)).toBe(false);
  });
});

describe('a track in which a task fails', () => {
  test('the rest goes on, what depends on it is skipped, and FIX knows what to do', async () => {
    rig.write('fail-on', '1.2');
    const { code, stdout, stderr } = await runTrack();
    expect(code).toBe(1);
    // Two retries.
    expect(stdout).toBe(
      'PARALLEL EXECUTION COMPLETE\nWORKERS SPAWNED: 10\nTASKS COMPLETED: 7\nTASKS FAILED: 1\n',
    );
    const completed = ['1.1', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8'];
    expect(calls().begun.filter(call => call === callOf('1.2'))).toHaveLength(3);
    expect([...new Set(calls().begun)].sort()).toEqual(['1.2', ...completed].map(callOf).sort());

    const { tasks, verdict } = rig.report();
    expect(verdict).toBe('FAIL');
    const ends = Object.fromEntries(tasks.map(task => [task.id, task.end]));
    expect(ends).toEqual({
      ...Object.fromEntries(completed.map(id => [id, 'complete'])),
      ...{ '1.2': 'failed', '2.1': 'skipped', '3.1': 'skipped' },
    });
    const log = tasks.find(task => task.id === '1.2')?.log ?? 'none';
    expect(rig.read(join('.message-bus', log))).toBe('the lamp is out\n');

    expect(stderr).toMatch(/^FIX: task 1\.2 \(Step 1\.2\) failed: .*4.*; log: /m);
    expect(stderr).toContain(join(realpathSync(rig.bus), log));
    expect(stderr).toMatch(/^skipped: task 2\.1, because of 1\.2$/m);
    expect(stderr).toMatch(/^skipped: task 3\.1, because of 1\.2$/m);
    const report = rig.read(join('.message-bus', layout.reportText(rig.run())));
    expect(report).toMatch(/^## FIX\n\n- \[ \] Fix 1\.2: Step 1\.2: .*4.*attempts\//m);
    expect(report.match(/^- \[ \] Fix /gm)).toHaveLength(1);

    expect(event(`PARALLEL_COMPLETE_${TRACK}`)).toBe('FAIL\n');
    expect(rig.read(METADATA)).toBe(metadata('EVALUATE_EXECUTION', 'NOT_STARTED', counted(10, 7, 1)));
    const feed = rig.lines('.message-bus/queue.jsonl').map(line => messageSchema.parse(JSON.parse(line)));
    expect(feed.filter(({ type }) => type === 'TASK_BLOCKED').map(({ payload }) => payload)).toEqual(
      ['2.1', '3.1'].map(id => ({
        ...{ run_id: rig.run(), task_id: id, blocked_by: '1.2', reason: 'Upstream task failed' },
      })),
    );
    expect(rig.read(PLAN)).toBe(
      completed.reduce((text, id) => text.replace(`- [ ] Task ${id}:`, `- [x] Task ${id}:`), PLAN_TEXT),
    );
    expect(judge(journalOf(rig.bus), rig.run()).violations).toEqual([]);
  });

  test('run again after the fix, only what is missing is done', async () => {
    rig.write('fail-on', '1.2');
    rig.write('signalbox.config.yaml', 'retries: 0\n');
    expect((await runTrack()).code).toBe(1);
    rig.write('fail-on', 'nothing');
    rig.write('calls.log', '');
    const { code, stderr } = await runTrack();
    expect(code).toBe(0);
    expect(stderr).toContain('done already, by the plan: 1.1, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8 (');
    expect(calls().begun).toEqual(['1.2', '2.1', '3.1'].map(callOf));
    expect(event(`PARALLEL_COMPLETE_${TRACK}`)).toBe('PASS\n');
    expect(rig.read(PLAN)).toBe(PLAN_TEXT.replaceAll('- [ ]', '- [x]'));
  });

  test('tried again by hand, its end is told anew', async () => {
    rig.write('fail-on', '1.2');
    rig.write('signalbox.config.yaml', 'retries: 0\n');
    expect((await runTrack()).code).toBe(1);
    rig.write('fail-on', 'nothing');
    const env = { PATH: `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}` };
    expect(await rig.signalbox(['up', '--detach'], { env })).toMatchObject({ code: 0 });
    expect(await rig.signalbox(['retry', '1.2'])).toMatchObject({ code: 0 });
    await until(() => rig.report().verdict === 'PASS', 20_000, 'a run that has passed');
    expect(event(`PARALLEL_COMPLETE_${TRACK}`)).toBe('PASS\n');
    expect(event('TASK_FAILED_1.2')).toBe('');
    expect(calls().begun).toHaveLength(IDS.length + 1);
    expect(judge(journalOf(rig.bus), rig.run()).violations).toEqual([]);
    expect(await rig.signalbox(['down'])).toMatchObject({ code: 0 });
  });
});

describe('a track without a DAG', () => {
  const TEXT = `# Signal lamp

## Phase 1: Lamp

- [x] Task 1.1: Choose a lens <!-- deps: none --> <!-- 9f8e7d6 -->
- [ ] Task 1.2: Wind the coil <!-- deps: 1.1, parallel: pg-1 -->
  - **Files**: \`lamp/coil.ts\`
  - [ ] count the turns
- [~] Task 1.3: Cut the shade <!-- deps: none, parallel: pg-1 -->
- [ ] **2.1** Light it <!-- deps: 1.2–1.3 -->

### Task 2.2: Read it from afar
- **Depends on**: 2.1
- **Files**: \`lamp/coil.ts\`, the shore as needed

## Fix Phase (Cycle 1)

- [!] Fix 1: It flickers <!-- deps: 2.1 -->

## Discovered Work

- [ ] Task 9.1: A second lamp
`;

  test('runs its tasks in order and ticks the boxes they have', async () => {
    rig.write(PLAN, TEXT);
    const done =
      'echo "$SIGNALBOX_TASK_ID" >> order.log; echo 1a2b3c4d > "$SIGNALBOX_BUS/events/TASK_COMPLETE_$SIGNALBOX_TASK_ID.event"';
    const { code, stdout } = await rig.signalbox(['run', TRACK, '--command', done]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'PARALLEL EXECUTION COMPLETE\nWORKERS SPAWNED: 5\nTASKS COMPLETED: 5\nTASKS FAILED: 0\n',
    });
    const order = rig.lines('order.log');
    expect(order.slice(0, 2).sort()).toEqual(['1.2', '1.3']);
    expect(order[2]).toBe('2.1');
    expect(order.slice(3).sort()).toEqual(['2.2', 'fix-1']);
    const ticked = TEXT.replace(/^- \[[ ~!]\] ((?:Task 1|\*\*|Fix).*)$/gm, '- [x] $1 <!-- 1a2b3c4d -->');
    expect(ticked.match(/1a2b3c4d/g)).toHaveLength(4);
    expect(rig.read(PLAN)).toBe(ticked);
    expect(rig.read(METADATA)).toBe(metadata('EVALUATE_EXECUTION', 'NOT_STARTED', counted(5, 5, 0)));
    expect(judge(journalOf(rig.bus), rig.run()).violations).toEqual([]);

    // Its heading has no box, so the file does not know that 2.2 is done.
    const again = await rig.signalbox(['run', TRACK, '--command', ':']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('WORKERS SPAWNED: 1\n') });
    expect(again.stderr).toContain('done already, by the plan: 1.1, 1.2, 1.3, 2.1, fix-1 (');
  });
});
