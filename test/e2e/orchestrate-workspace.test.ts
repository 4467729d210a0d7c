import { existsSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judge } from '../oracle/journal-oracle.js';
import { until } from '../until.js';
import { journalOf, Rig, treeOf, type Background, type Call } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(async () => {
  await rig.remove();
});

const FOLDER = '.tmp/20261121-010203-shop';
const SESSION = `${FOLDER}/parallel-session`;
const TASKS = `# Tasks: shop
Generated: 2026-11-21

## P0 Critical

### T001: Make the store
**Files**: src/index.js
**Depends**: none
**Success**: it is there
- [ ] write it

### T002: Use it
**Files**: src/use.js
**Depends**: T001
- [ ] use it

## P1 High

### T003: Describe it
**Files**: docs/a.md
**Depends**: none
- [ ] write
`;
/** SHA-256 of src/index.js begins so. */
const INDEX_LOCK = 'bfe9874d23901496.lock';

/** An agent's program: notes which task it was called for, then does what the test wants. */
function claude(script: string): void {
  rig.write('bin/claude', `#!/bin/sh\necho "$SIGNALBOX_TASK_ID" >> calls.log\n${script}\n`, 0o755);
}

function start(args: readonly string[], call: Call = {}): Background {
  const path = `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}`;
  return rig.start(['run', ...args], { ...call, env: { PATH: path, ...call.env } });
}

function tasks(text = TASKS, folder = FOLDER): string {
  rig.write(`${folder}/tasks.md`, text);
  return `${folder}/tasks.md`;
}

const session = (file: string): string => rig.read(`${SESSION}/${file}`);
const json = (file: string): unknown => JSON.parse(session(file));
/** A file that a waiting stand-in waits for. */
const go = (): void => {
  rig.write('go', '');
};
const WAIT = 'until [ -e go ]; do sleep 0.02; done';
const OUTBOX = `"${SESSION}/messages/$SIGNALBOX_WORKER_ID-outbox.json"`;

const ends = (): Record<string, string> =>
  Object.fromEntries(rig.report().tasks.map(task => [task.id, task.end]));

function expectLawful(): void {
  for (const each of rig.runs()) expect(judge(journalOf(rig.bus), each).violations).toEqual([]);
}

describe('the session folder beside a tasks file', () => {
  test('is prepared, shows the run while it goes on, and stays as it stood at the end', async () => {
    claude(`[ "$SIGNALBOX_TASK_ID" != T001 ] || { ${WAIT}; }`);
    const running = start([tasks()]);
    await until(() => session('messages/worker-1-inbox.json').includes('T001'));
    await until(() => session('progress.txt').includes('⚡ T001'));
    expect(Object.keys(treeOf(join(rig.repo, SESSION))).sort()).toEqual([
      ...['context.json', 'execution-plan.json', 'locks/', `locks/${INDEX_LOCK}`, 'messages/'],
      ...['scout-inbox.json', 'scout-outbox.json', 'task-manager-inbox.json', 'task-manager-outbox.json'].map(
        name => `messages/${name}`,
      ),
      ...['messages/worker-1-inbox.json', 'messages/worker-1-outbox.json', 'progress.txt'],
    ]);
    expect(session(`locks/${INDEX_LOCK}`)).toBe('worker-1\n');
    expect(json('messages/worker-1-inbox.json')).toMatchObject({
      worker_id: 'worker-1',
      session_folder: join(rig.repo, SESSION),
      tasks: [{ id: 'T001', priority: 'P0', files: ['src/index.js'] }],
    });
    // The clock in it goes on though nothing happens.
    const before = session('progress.txt');
    await until(() => session('progress.txt') !== before);
    go();
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(session('progress.txt')).toContain('✓ T003');
    expect(Object.keys(treeOf(join(rig.repo, SESSION, 'locks')))).toEqual([]);
    expect(json('messages/worker-1-outbox.json')).toMatchObject({
      tasks_completed: [
        { id: 'T001', status: 'success' },
        { id: 'T002', status: 'success' },
        { id: 'T003', status: 'success' },
      ],
      tasks_failed: [],
    });
    expectLawful();
  });

  test('holds what the scout found and how the tasks are ordered', async () => {
    claude(':');
    rig.write('package.json', '{"name":"shop","dependencies":{"react":"1"}}');
    expect(await start([tasks()]).ended).toMatchObject({ code: 0 });
    expect(json('context.json')).toMatchObject({
      complete: true,
      dependencies: { external: ['react'] },
      patterns: { framework: 'react' },
    });
    expect(json('messages/scout-inbox.json')).toEqual({ session_folder: join(rig.repo, SESSION) });
    expect(json('messages/scout-outbox.json')).toMatchObject({
      status: 'completed',
      context_file: 'context.json',
    });
    expect(json('messages/task-manager-inbox.json')).toEqual({
      session_folder: join(rig.repo, SESSION),
      task_file: join(rig.repo, FOLDER, 'tasks.md'),
      context_file: join(rig.repo, SESSION, 'context.json'),
      worker_count: 5,
    });
    expect(json('messages/task-manager-outbox.json')).toMatchObject({
      execution_plan: 'execution-plan.json',
    });
    expect(json('execution-plan.json')).toMatchObject({
      total_tasks: 3,
      groups: [{ tasks: ['T001'] }, {}, {}],
    });
    expect(statSync(join(rig.repo, SESSION)).mode & 0o077).toBe(0);
  });

  test('begins anew with each run, but for what an agent left in it', async () => {
    claude(':');
    const file = tasks();
    const kept = { 'context.json': '{"discovered_at":"long ago"}', 'notes.txt': 'mine' };
    for (const [name, text] of Object.entries(kept)) rig.write(`${SESSION}/${name}`, text);
    rig.write(`${SESSION}/messages/worker-9-outbox.json`, '{"tasks_completed":["T001"]}');
    rig.write(`${SESSION}/locks/${INDEX_LOCK}`, 'worker-9\n');
    expect(await start([file]).ended).toMatchObject({ code: 0 });
    expect(existsSync(join(rig.repo, SESSION, 'messages/worker-9-outbox.json'))).toBe(false);
    expect(existsSync(join(rig.repo, SESSION, 'locks', INDEX_LOCK))).toBe(false);
    for (const [name, text] of Object.entries(kept)) expect(session(name)).toBe(text);
    expect(rig.lines('calls.log')).toEqual(['T001', 'T002', 'T003']);
  });

  test('is not written by --dry-run', async () => {
    claude(':');
    const file = tasks();
    const before = treeOf(rig.repo);
    expect(await start([file, '--dry-run']).ended).toMatchObject({ code: 0 });
    expect(treeOf(rig.repo)).toEqual(before);
  });
});

describe('an outbox that a stand-in writes', () => {
  test('ends its task: the process is ended too, and the run goes on', async () => {
    rig.write('signalbox.config.yaml', 'settle_grace: 50ms\n');
    claude(
      `echo '{"tasks_completed":[{"id":"'$SIGNALBOX_TASK_ID'","status":"success"}]}' > ${OUTBOX}; sleep 60`,
    );
    expect(await start([tasks()]).ended).toMatchObject({ code: 0 });
    expect(ends()).toEqual({ T001: 'complete', T002: 'complete', T003: 'complete' });
    expect(rig.lines('calls.log')).toEqual(['T001', 'T002', 'T003']);
    expectLawful();
  });

  test.each([
    ['ids', 'outbox.json', '{"tasks_failed":["T001"]}'],
    ['objects', 'outbox.json', '{"tasks_failed":[{"id":"T001","error":"no luck"}]}'],
    ['Markdown', 'outbox.md', '## Failed\n- T001: no luck\n'],
  ])('fails its task, whatever its command says: %s', async (_what, name, text) => {
    rig.write('signalbox.config.yaml', 'settle_grace: 50ms\nretries: 0\n');
    rig.write('said', text);
    claude(
      `[ "$SIGNALBOX_TASK_ID" != T001 ] || cat said > "${SESSION}/messages/$SIGNALBOX_WORKER_ID-${name}"`,
    );
    const { code } = await start([tasks()]).ended;
    expect({ code, ends: ends() }).toEqual({
      // Without its only task of the highest priority the run makes no sense.
      code: 3,
      ends: { T001: 'failed', T002: 'skipped', T003: 'cancelled' },
    });
    expect(json('messages/worker-1-outbox.json')).toMatchObject({ tasks_failed: [{ id: 'T001' }] });
    expectLawful();
  });

  test('carried along from attempt to attempt fails none but its own', async () => {
    rig.write('signalbox.config.yaml', 'settle_grace: 50ms\nbackoff: { first: 10ms, longest: 20ms }\n');
    rig.write(
      'bin/claude',
      `#!/bin/sh
[ "$SIGNALBOX_TASK_ID" = T001 ] || exit 0
if [ "$SIGNALBOX_ATTEMPT" = 1 ]
then echo '{"tasks_failed":[{"id":"T001","error":"first"}]}' > ${OUTBOX}; sleep 60
else echo '{"tasks_completed":["T001"],"tasks_failed":[{"id":"T001","error":"first"}]}' > ${OUTBOX}
fi
`,
      0o755,
    );
    expect(await start([tasks()]).ended).toMatchObject({ code: 0 });
    expect(rig.report().tasks[0]).toMatchObject({ id: 'T001', end: 'complete', attempts: 2 });
    expectLawful();
  });
});

test('a folder that is removed while the run goes on stops it, with the reason', async () => {
  claude('sleep 60');
  const running = start([tasks()]);
  await until(() => session('messages/worker-1-inbox.json').includes('T001'));
  rmSync(join(rig.repo, SESSION), { recursive: true, maxRetries: 5 });
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(3);
  expect(stdout + stderr).toContain(`the session folder ${join(rig.repo, SESSION)} is gone`);
  expect(existsSync(join(rig.repo, SESSION))).toBe(false);
  expect(rig.report().verdict).toBe('STOPPED');
  expectLawful();
});

describe('run without a plan', () => {
  test('takes the newest tasks file and says so', async () => {
    claude(':');
    const newest = tasks();
    const older = join(rig.repo, tasks('# nothing\n', '.tmp/20261122-000000-later'));
    utimesSync(older, 1000, 1000);
    const { code, stderr } = await start([]).ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`the newest tasks file is ${join(rig.repo, newest)}`);
    expect(rig.report().tasks).toHaveLength(3);
  });

  test('says where it looked', async () => {
    const { code, stderr } = await start([]).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(`there is no ${join(rig.repo, '.tmp/*/tasks.md')}`);
    expect(existsSync(rig.bus)).toBe(false);
  });
});

test('a tasks file by standard input gets a folder of its own', async () => {
  claude(':');
  const { code } = await start(['-'], { input: TASKS }).ended;
  expect(code).toBe(0);
  const [plan] = Object.keys(treeOf(join(rig.repo, '.tmp')));
  expect(plan).toMatch(/^\d{8}-\d{6}-parallel\/$/);
  const folder = join('.tmp', plan ?? '', 'parallel-session');
  expect(rig.read(join(folder, 'tasks.md'))).toBe(TASKS);
  expect(rig.read(join(folder, 'progress.txt'))).toContain('✓ T003');
  expect(rig.read(join(folder, 'messages/task-manager-inbox.json'))).toContain(join(folder, 'tasks.md'));
});

describe('agents in the place of the built-in ones', () => {
  const CONFIG = `orchestrate: { scout: looker, task_manager: sorter }
agents:
  looker: { command: [sh, bin/looker, "{prompt}"] }
  sorter: { command: [sh, bin/sorter, "{prompt}"] }
`;
  const GROUPS = JSON.stringify({
    groups: [
      { id: 'G1', tasks: ['T001'], parallel: false },
      { id: 'G2', tasks: ['T002'], parallel: false },
      { id: 'G3', tasks: ['T003'], parallel: false },
    ],
  });

  beforeEach(() => {
    rig.write('signalbox.config.yaml', CONFIG);
    claude(':');
    rig.write('bin/looker', `echo looked >> calls.log; echo '{"by":"looker"}' > ${SESSION}/context.json`);
    rig.write(
      'bin/sorter',
      `grep -q looker ${SESSION}/context.json && echo '${GROUPS}' > ${SESSION}/execution-plan.json`,
    );
  });

  const runOf = (name: string): string | undefined => rig.runs().find(run => run.startsWith(name));

  test('do it, one after the other, in a run of their own, and are obeyed', async () => {
    const { code, stdout } = await start([tasks()]).ended;
    expect(code).toBe(0);
    expect(rig.runs()).toHaveLength(2);
    expect(runOf('20261121-010203-shop-preparation')).toBeDefined();
    expect(stdout.match(/EXECUTION SUMMARY/g)).toHaveLength(1);
    expect(session('context.json')).toBe('{"by":"looker"}\n');
    expect(JSON.parse(session('execution-plan.json'))).toEqual(JSON.parse(GROUPS));
    expect(json('messages/scout-outbox.json')).toMatchObject({ status: 'completed' });
    expect(rig.lines('calls.log')).toEqual(['looked', 'T001', 'T002', 'T003']);
    expectLawful();
  });

  test.each([
    ['fails', 'exit 1'],
    ['writes nothing', ':'],
    ['writes what cannot be obeyed', `echo '{"groups":"all"}' > ${SESSION}/execution-plan.json`],
  ])('a task manager that %s: a warning, and the built-in one does it', async (_what, script) => {
    rig.write('bin/sorter', script);
    const { code, stderr } = await start([tasks()]).ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*task-manager.*the built-in one does it/);
    expect(json('execution-plan.json')).toMatchObject({ generated_by: 'signalbox', total_tasks: 3 });
    expect(session('context.json')).toBe('{"by":"looker"}\n');
  });

  test('a task manager that names a task that there is not: a warning, and the rest of it is obeyed', async () => {
    rig.write(
      'bin/sorter',
      `echo '{"groups":[{"id":"G1","tasks":["T001","T999"]}]}' > ${SESSION}/execution-plan.json`,
    );
    const { code, stderr } = await start([tasks()]).ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/execution-plan\.json:.* warning: .*T999/);
    expect(json('execution-plan.json')).not.toHaveProperty('generated_by');
  });

  test('a scout that fails: a warning, and the built-in one does it', async () => {
    rig.write('bin/looker', 'exit 1');
    const { code, stderr } = await start([tasks()]).ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*scout.*the built-in one does it/);
    expect(json('context.json')).toMatchObject({ generated_by: 'signalbox', complete: true });
  });

  test('one that is not described: the same', async () => {
    rig.write('signalbox.config.yaml', 'orchestrate: { scout: nobody }\n');
    const { code, stderr } = await start([tasks()]).ended;
    expect(code).toBe(0);
    expect(stderr).toContain('the built-in one does it');
    expect(json('context.json')).toMatchObject({ generated_by: 'signalbox' });
  });

  test('are not asked by submit, which says so', async () => {
    expect(await rig.signalbox(['up', '--detach'])).toMatchObject({ code: 0 });
    try {
      const path = `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}`;
      const { code, stderr } = await rig.signalbox(['submit', tasks()], { env: { PATH: path } });
      expect(code).toBe(0);
      expect(stderr).toContain('the built-in ones do it');
      expect(json('context.json')).toMatchObject({ generated_by: 'signalbox' });
    } finally {
      await rig.signalbox(['down']);
    }
  });

  test('with a daemon that is up', async () => {
    const env = { PATH: `${join(rig.repo, 'bin')}:${process.env.PATH ?? ''}` };
    expect(await rig.signalbox(['up', '--detach'], { env })).toMatchObject({ code: 0 });
    try {
      expect(await start([tasks()]).ended).toMatchObject({ code: 0 });
      expect(JSON.parse(session('execution-plan.json'))).toEqual(JSON.parse(GROUPS));
      expect(rig.runs()).toHaveLength(2);
    } finally {
      await rig.signalbox(['down']);
    }
  });
});

test('an unfinished run goes on with the folder that it has', async () => {
  claude(`[ "$SIGNALBOX_TASK_ID" != T001 ] || { ${WAIT}; }`);
  const first = start([tasks()]);
  await until(() => session('messages/worker-1-inbox.json').includes('T001'));
  const before = statSync(join(rig.repo, SESSION, 'context.json')).mtimeMs;
  first.kill('SIGHUP');
  await first.ended;
  const second = start([`${FOLDER}/tasks.md`]);
  await until(() => second.said.stderr.includes('goes on'));
  go();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(statSync(join(rig.repo, SESSION, 'context.json')).mtimeMs).toBe(before);
  expect(rig.lines('calls.log')).toEqual(['T001', 'T002', 'T003']);
  expectLawful();
});
