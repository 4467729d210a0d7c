import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunId } from '../../../bus-schema/ids.js';
import { lockName } from '../../../daemon/workspace/lock-files.js';
import { until } from '../../until.js';
import { aPlan } from '../scheduler/rig.js';
import { WorkspaceRig } from './rig.js';

let rig: WorkspaceRig;
beforeEach(() => {
  rig = new WorkspaceRig();
});
afterEach(() => {
  rig.remove();
});

const PLAN = aPlan([
  { id: 'T001', title: 'Make it', priority: 0, files: ['src/index.js'], type: 'code' },
  { id: 'T002', files: ['lib', 'docs/a.md'] },
  { id: 'T003', needs: ['T001'] },
]);

describe('the folder of a run', () => {
  test('holds what each worker has to do, who holds which file, and how far the run is', () => {
    rig.submit(PLAN);
    expect(rig.names()).toEqual(['execution-plan.json', 'locks', 'messages', 'progress.txt']);
    expect(rig.names('messages')).toEqual([
      ...['worker-1-inbox.json', 'worker-1-outbox.json'],
      ...['worker-2-inbox.json', 'worker-2-outbox.json'],
    ]);
    expect(rig.json('messages/worker-1-inbox.json')).toEqual({
      worker_id: 'worker-1',
      session_folder: rig.folder,
      tasks: [
        {
          ...{ id: 'T001', title: 'Make it', priority: 'P0', type: 'code', files: ['src/index.js'] },
          ...{ attempt: 1, timeout_ms: 1_800_000 },
        },
      ],
    });
    expect(rig.read('progress.txt')).toBe('on the way\n');
    expect(rig.names('locks')).toEqual(
      [lockName('docs/a.md'), lockName('lib'), lockName('src/index.js')].sort(),
    );
    expect(rig.read(`locks/${lockName('lib')}`)).toBe('worker-2\n');
    expect(statSync(rig.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(rig.folder, 'messages/worker-1-inbox.json')).mode & 0o777).toBe(0o600);
  });

  test('holds after each task what came of it', () => {
    rig.submit(PLAN);
    rig.scheduler.at += 1500;
    rig.scheduler.complete('T001');
    rig.scheduler.fail('T002');
    rig.workspaces.look();
    expect(rig.json('messages/worker-1-outbox.json')).toEqual({
      worker_id: 'worker-1',
      timestamp: new Date(rig.scheduler.at).toISOString(),
      tasks_completed: [{ id: 'T001', status: 'success', duration_ms: 1500 }],
      tasks_failed: [],
    });
    expect(rig.json('messages/worker-2-outbox.json')).toMatchObject({
      tasks_completed: [],
      tasks_failed: [{ id: 'T002', status: 'failed', error: 'exit code 1' }],
    });
    expect(rig.names('locks')).toEqual([]);
    expect(rig.json('messages/worker-1-inbox.json')).toMatchObject({ tasks: [{ id: 'T003' }] });
  });

  test('stays as it stood at the end, with the final state', () => {
    rig.submit(aPlan([{ id: 'only', files: ['a'] }]));
    rig.scheduler.complete('only');
    rig.progress = 'done\n';
    rig.workspaces.finish('run-1' as RunId);
    rig.workspaces.look();
    expect(rig.read('progress.txt')).toBe('done\n');
    expect(rig.names('locks')).toEqual([]);
    expect(rig.json('messages/worker-1-outbox.json')).toMatchObject({ tasks_completed: [{ id: 'only' }] });
    expect(rig.workspaces.isEmpty).toBe(true);
  });

  test('is written at once, and then no more than ten times a second', async () => {
    rig.scheduler.submit({ ...PLAN, workspace: rig.folder });
    rig.workspaces.touch();
    expect(rig.names('messages')).toHaveLength(4);
    rig.progress = 'second\n';
    rig.workspaces.touch();
    expect(rig.read('progress.txt')).toBe('on the way\n');
    await until(() => rig.read('progress.txt') === 'second\n');
  });

  test('keeps nothing of an earlier session but what an agent has decided', () => {
    const old = [
      'messages/worker-7-outbox.json',
      'messages/worker-1-outbox.md',
      'locks/0123456789abcdef.lock',
    ];
    const kept = ['messages/scout-outbox.json', 'messages/notes.txt', 'context.json', 'execution-plan.json'];
    for (const file of [...old, ...kept]) {
      rig.write(file, file);
      utimesSync(join(rig.folder, file), 1000, 1000);
    }
    rig.write('messages/worker-9-outbox.json', '{}');
    utimesSync(join(rig.folder, 'messages/worker-9-outbox.json'), new Date(), new Date(Date.now() + 60_000));
    rig.submit(aPlan([{ id: 'a' }]));
    expect(rig.names('messages')).toEqual([
      ...['notes.txt', 'scout-outbox.json', 'worker-1-inbox.json', 'worker-1-outbox.json'],
      'worker-9-outbox.json',
    ]);
    expect(rig.names('locks')).toEqual([]);
    for (const file of kept) expect(rig.read(file)).toBe(file);
  });
});

describe('locks', () => {
  test('have the names that the source system gives them', () => {
    expect(lockName('/path/to/file.js')).toBe('3aa56d0429247e97.lock');
    expect(lockName('src/index.js')).toBe('bfe9874d23901496.lock');
  });

  test('left by a worker that has nothing to do are removed, by their content', () => {
    rig.submit(PLAN);
    rig.write('locks/aaaaaaaaaaaaaaaa.lock', 'worker-1\n');
    rig.write('locks/bbbbbbbbbbbbbbbb.lock', 'worker-5\n');
    rig.write('locks/cccccccccccccccc.lock', 'somebody else\n');
    mkdirSync(join(rig.folder, 'locks/dddddddddddddddd.lock'));
    rig.workspaces.look();
    expect(rig.names('locks').filter(name => /^([a-d])\1{15}/.test(name))).toEqual([
      ...['aaaaaaaaaaaaaaaa.lock', 'cccccccccccccccc.lock', 'dddddddddddddddd.lock'],
    ]);
    expect(rig.names('locks')).toContain(lockName('lib'));
  });
});

describe('an outbox that another program wrote', () => {
  test.each([
    ['objects', { id: 'T001', status: 'success', duration_ms: 3 }],
    ['ids', 'T001'],
  ])('ends the task: %s', (_what, entry) => {
    rig.submit(PLAN);
    rig.outbox('worker-1', [entry]);
    expect(rig.take()).toEqual(['TASK_COMPLETE T001 message']);
    expect(rig.take()).toEqual([]);
  });

  test('ends the task: Markdown', () => {
    rig.submit(PLAN);
    rig.write('messages/worker-1-outbox.md', '## Failed\n- T001: no luck\n');
    rig.workspaces.scan();
    expect(rig.take()).toEqual(['TASK_FAILED T001 message']);
    expect([...rig.scheduler.state.attempts.values()][0]?.reported?.outcome).toMatchObject({
      kind: 'failed',
      message: 'no luck',
    });
  });

  test('wakes the daemon', async () => {
    rig.submit(PLAN);
    await until(() => rig.hints > 0);
    const before = rig.hints;
    rig.outbox('worker-1', ['T001']);
    await until(() => rig.hints > before);
    expect(rig.take()).toEqual(['TASK_COMPLETE T001 message']);
  });

  test('is read before ours takes its place, and ours comes back', () => {
    rig.submit(PLAN);
    rig.outbox('worker-1', ['T001']);
    rig.scheduler.complete('T002');
    rig.workspaces.look();
    expect(rig.take()).toEqual(['TASK_COMPLETE T001 message']);
    rig.scheduler.complete('T001');
    rig.workspaces.look();
    expect(rig.json('messages/worker-1-outbox.json')).toMatchObject({
      worker_id: 'worker-1',
      tasks_completed: [{ id: 'T001', status: 'success' }],
    });
  });

  test('that carries an earlier attempt along does not end the next', () => {
    rig.submit(
      aPlan(
        [
          { id: 'a', retries: 3 },
          { id: 'b', needs: ['a'] },
        ],
        { backoffFirstMs: 0 },
      ),
    );
    rig.outbox('worker-1', [], [{ id: 'a', error: 'first' }]);
    expect(rig.take()).toEqual(['TASK_FAILED a message']);
    rig.scheduler.fail('a');
    rig.scheduler.at += 5000;
    rig.scheduler.say({ type: 'Tick' });
    expect(rig.scheduler.running).toEqual(['a']);
    // A copy of the old entry, with nothing new; then with a new one, which counts.
    rig.outbox('worker-1', ['b'], [{ id: 'a', error: 'first' }]);
    expect(rig.take()).toEqual([]);
    rig.outbox('worker-1', ['a'], [{ id: 'a', error: 'first' }]);
    expect(rig.take()).toEqual(['TASK_COMPLETE a message']);
  });

  test('that carries along what stood in ours before the attempt began counts by what is new in it', () => {
    rig.submit(aPlan([{ id: 'a', retries: 3 }], { backoffFirstMs: 0 }));
    rig.outbox('worker-1', [], [{ id: 'a', error: 'first' }]);
    expect(rig.take()).toEqual(['TASK_FAILED a message']);
    rig.scheduler.fail('a');
    rig.workspaces.look();
    expect(rig.json('messages/worker-1-outbox.json')).toMatchObject({ tasks_failed: [] });
    rig.outbox('worker-1', ['a'], [{ id: 'a', error: 'first' }]);
    expect(rig.take()).toEqual(['TASK_COMPLETE a message']);
  });

  test('that says of a new attempt what it said of the last one counts again', () => {
    rig.submit(aPlan([{ id: 'a', retries: 3 }], { backoffFirstMs: 0 }));
    for (const _attempt of [1, 2]) {
      rig.outbox('worker-1', [], ['a']);
      expect(rig.take()).toEqual(['TASK_FAILED a message']);
      rig.scheduler.fail('a');
      rig.workspaces.look();
    }
  });

  test('of a task that another worker has counts only once', () => {
    rig.submit(PLAN);
    rig.outbox('worker-2', ['T001']);
    expect(rig.take()).toEqual(['TASK_COMPLETE T001 message']);
    rig.outbox('worker-2', ['T001', 'T009']);
    expect(rig.take()).toEqual([]);
  });

  test('that is not whole yet is waited for, and not overwritten', () => {
    rig.submit(PLAN);
    rig.write('messages/worker-1-outbox.json', '{"tasks_completed": ["T0');
    expect(rig.take()).toEqual([]);
    rig.scheduler.complete('T001');
    rig.workspaces.look();
    expect(rig.read('messages/worker-1-outbox.json')).toBe('{"tasks_completed": ["T0');
    expect(rig.trouble).toEqual([]);
  });

  test('that is no outbox is said, and ours takes its place', async () => {
    rig.submit(PLAN);
    const file = join(rig.folder, 'messages/worker-1-outbox.json');
    rig.write('messages/worker-1-outbox.json', 'rubbish');
    await until(() => {
      rig.take();
      return rig.trouble.length > 0;
    });
    expect(rig.trouble).toEqual([`${file}: it is no JSON object with tasks_completed and tasks_failed`]);
    rmSync(file);
    const secret = join(dirname(rig.folder), 'secret.json');
    writeFileSync(secret, '{"tasks_completed": ["T001"]}');
    symlinkSync(secret, file);
    expect(rig.take()).toEqual([]);
    expect(rig.trouble.at(-1)).toBe(`${file}: it is a symbolic link`);
    rig.scheduler.complete('T001');
    rig.workspaces.look();
    expect(rig.json('messages/worker-1-outbox.json')).toMatchObject({ tasks_completed: [{ id: 'T001' }] });
    expect(statSync(secret).size).toBe(29);
  });

  test('found by a daemon that comes later still counts', () => {
    rig.scheduler.submit({ ...PLAN, workspace: rig.folder });
    rig.outbox('worker-1', ['T001']);
    utimesSync(join(rig.folder, 'messages/worker-1-outbox.json'), new Date(), new Date(Date.now() + 1000));
    rig.workspaces.adopt(['run-1' as RunId]);
    rig.workspaces.look();
    expect(rig.take()).toEqual(['TASK_COMPLETE T001 message']);
  });
});

describe('when something is wrong with the folder', () => {
  test('gone: the run is told, once, and nothing is made anew', () => {
    rig.submit(PLAN);
    rmSync(rig.folder, { recursive: true });
    rig.workspaces.look();
    rig.workspaces.look();
    rig.workspaces.finish('run-1' as RunId);
    expect(rig.gone).toEqual([`the session folder ${rig.folder} is gone`]);
    expect(() => statSync(rig.folder)).toThrow('ENOENT');
  });

  test('gone before this daemon came: the same', () => {
    rig.workspaces.adopt(['run-1' as RunId]);
    rig.submit(PLAN);
    expect(rig.gone).toHaveLength(1);
  });

  test('a part of it removed: made again after a while', async () => {
    rig.submit(PLAN);
    rmSync(join(rig.folder, 'messages'), { recursive: true });
    rig.workspaces.look();
    expect(rig.names()).not.toContain('messages');
    await until(() => {
      rig.workspaces.look();
      return rig.names().includes('messages');
    });
    expect(rig.names('messages')).toHaveLength(4);
    expect(rig.gone).toEqual([]);
  });

  test('not writable: a word, not every second, and the run goes on', () => {
    mkdirSync(dirname(rig.folder), { recursive: true });
    writeFileSync(rig.folder, 'a file in its place');
    rig.submit(PLAN);
    rig.workspaces.look();
    const said = [...rig.trouble];
    rig.workspaces.look();
    expect(rig.gone).toEqual([]);
    expect(rig.trouble).toEqual(said);
    expect(said.at(0)).toContain(`${rig.folder}: E`);
  });

  test('links in the place of its folders are not followed', () => {
    const elsewhere = join(dirname(rig.folder), 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    mkdirSync(rig.folder, { recursive: true });
    symlinkSync(elsewhere, join(rig.folder, 'locks'));
    rig.submit(PLAN);
    expect(rig.trouble[0]).toContain('is a link, not a folder');
    expect(() => statSync(join(elsewhere, lockName('lib')))).toThrow('ENOENT');
  });
});
