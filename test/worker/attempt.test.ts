import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOrder, type StartOrder } from '../../bus-schema/assignment.js';
import { layout } from '../../bus-schema/layout.js';
import { claimSchema, processIdentitySchema } from '../../bus-schema/lease.js';
import { takeClaim } from '../../bus-schema/store/claim-file.js';
import { until } from '../until.js';
import { Rig, WORKER } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

describe('an attempt that ends by itself', () => {
  test('exit 0 is complete, and the report names task, run, attempt, token and worker', async () => {
    const order = rig.start().send('t1', 'true');
    const told = await rig.told(order);
    expect(told.file).toBe('TASK_COMPLETE_t1.event');
    expect(told.outcome).toEqual({ kind: 'complete' });
    expect(told.exit).toMatchObject({ code: 0, signal: null });
    expect(told.source).toBe(WORKER);
    expect(told.payload).toMatchObject({
      task_id: 't1',
      run_id: rig.run,
      attempt_id: order.attempt,
      token: order.token,
      worker_id: WORKER,
    });
  });

  test('it is told even when both names of its event are taken, by another run and by its own command', async () => {
    const order = rig.order(
      't1',
      'echo > "$SIGNALBOX_BUS/events/TASK_COMPLETE_t1@$SIGNALBOX_ATTEMPT_ID.event"',
    );
    writeFileSync(rig.path('events/TASK_COMPLETE_t1.event'), '');
    rig.append(encodeOrder(order));
    rig.start();
    const file = rig.path(`events/TASK_COMPLETE_t1@${order.attempt}.exit.event`);
    await until(() => existsSync(file));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      payload: { outcome: { kind: 'complete' } },
    });
  });

  test('another exit code is a failure that shows the last line of the output', async () => {
    const order = rig.start().send('t1', 'echo first; echo "no such library" >&2; echo; exit 7');
    const told = await rig.told(order);
    expect(told.file).toBe('TASK_FAILED_t1.event');
    expect(told.outcome).toEqual({ kind: 'failed', reason: 'exit', message: 'exit code 7: no such library' });
    expect(told.payload.error).toBe('exit code 7: no such library');
    expect(told.exit?.code).toBe(7);
  });

  test('a signal from elsewhere is a failure that names it', async () => {
    const order = rig.start().send('t1', 'kill -KILL $$');
    expect((await rig.told(order)).outcome).toEqual({
      kind: 'failed',
      reason: 'signal',
      message: 'ended by SIGKILL (perhaps out of memory)',
    });
  });

  test('what it writes is in its log, which only the owner can read', async () => {
    const order = rig.start().send('t1', 'echo out; echo err >&2');
    await rig.told(order);
    expect(rig.output(order)).toBe('out\nerr\n');
    expect(statSync(rig.path(layout.attemptLog(rig.run, order.attempt))).mode & 0o777).toBe(0o600);
  });

  test("it runs where the order says, with empty input, in its own group, without the worker's lock", async () => {
    mkdirSync(join(rig.root, 'sub'));
    const order = rig
      .start()
      .send(
        't1',
        'pwd; cat; test -e /proc/$$/fd/3 || echo no lock; ps -o pgid= -p $$ | grep -qw $$ && echo leads',
        {
          cwd: join(rig.root, 'sub'),
        },
      );
    await rig.told(order);
    expect(rig.output(order)).toBe(`${join(rig.root, 'sub')}\nno lock\nleads\n`);
  });

  test('it inherits the environment, gets the variables of its attempt, and cannot change those', async () => {
    rig.start({
      COLOUR: 'blue',
      SHADE: 'dark',
      SIGNALBOX_OUTPUT: 'not-mine',
      SIGNALBOX_PROMPT_FILE: 'not-mine',
    });
    const order = rig.send('t1', 'env | grep -E "^(SIGNALBOX_|COLOUR|SHADE|src/b)" | sort', {
      env: { SHADE: 'light', SIGNALBOX_ATTEMPT_ID: 'another' },
      files: ['src/a', 'src/b'],
    });
    await rig.told(order);
    expect(rig.output(order).trim().split('\n')).toEqual(
      [
        'COLOUR=blue',
        'SHADE=light',
        `SIGNALBOX_ATTEMPT=1`,
        `SIGNALBOX_ATTEMPT_ID=${order.attempt}`,
        `SIGNALBOX_BUS=${rig.bus}`,
        'SIGNALBOX_FILES=src/a',
        `SIGNALBOX_RUN_ID=${rig.run}`,
        'SIGNALBOX_STAGE=work',
        'SIGNALBOX_TASK_ID=t1',
        `SIGNALBOX_TOKEN=${order.token}`,
        `SIGNALBOX_WORKER_ID=${WORKER}`,
        'src/b',
      ].sort(),
    );
  });

  test('the folder of its output is there before it starts', async () => {
    rig.start();
    const file = rig.send('t1', 'echo report > "$SIGNALBOX_OUTPUT"', { output: 'made/for/it.md' });
    const folder = rig.send('t2', 'echo part > "$SIGNALBOX_OUTPUT/1"', { output: 'parts/' });
    expect((await rig.told(file)).outcome).toEqual({ kind: 'complete' });
    expect((await rig.told(folder)).outcome).toEqual({ kind: 'complete' });
  });

  test('is not started when the folder of its output cannot be made', async () => {
    writeFileSync(join(rig.root, 'taken'), '');
    const order = rig.start().send('t1', 'touch witness', { output: 'taken/out.md' });
    expect((await rig.told(order)).outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(existsSync(join(rig.root, 'witness'))).toBe(false);
  });

  test('a declared output is named to the command', async () => {
    const order = rig.start().send('t1', 'echo "$SIGNALBOX_OUTPUT"', { output: 'out/t1.log' });
    await rig.told(order);
    expect(rig.output(order)).toBe('out/t1.log\n');
  });

  test('its claim says who took it, and which process its command is', async () => {
    const order = rig.start().send('t1', 'echo $$ > pid; sleep 60');
    const pid = Number(await rig.written('pid'));
    const [claim = '', note = ''] = await until(() => {
      const lines = rig.read(layout.claim(rig.run, order.attempt))?.split('\n') ?? [];
      return lines.length === 3 && lines; // the last one is empty
    });
    expect(claimSchema.parse(JSON.parse(claim))).toMatchObject({
      by: 'worker',
      token: order.token,
      holder: { pid: rig.workerPid },
    });
    const { command } = JSON.parse(note) as { command: unknown };
    expect(processIdentitySchema.parse(command).pid).toBe(pid);
  });

  test('a name that is taken is left alone: the report gets the name of its attempt', async () => {
    writeFileSync(rig.path(layout.event('TASK_COMPLETE_t1.event')), 'PASS');
    const order = rig.start().send('t1', 'true');
    const told = await rig.told(order);
    expect(told.file).toBe(`TASK_COMPLETE_t1@${order.attempt}.event`);
    expect(rig.read(layout.event('TASK_COMPLETE_t1.event'))).toBe('PASS');
  });
});

describe('a command that must not or cannot start', () => {
  test('of a claimed attempt is never started', async () => {
    const claimed = rig.order('t1', 'touch witness');
    takeClaim(rig.path(layout.claim(rig.run, claimed.attempt)), '{}');
    rig.start().append(`${JSON.stringify(claimed)}\n`);
    await rig.told(rig.send('t2', 'true'));
    expect(existsSync(join(rig.root, 'witness'))).toBe(false);
    expect(rig.toldAlready(claimed)).toBeUndefined();
  });

  test('is started once when its order comes twice', async () => {
    const order = rig.order('t1', 'echo run >> witness');
    rig.start().append(`${JSON.stringify(order)}\n${JSON.stringify(order)}\n`);
    await rig.told(rig.send('t2', 'true'));
    expect(await rig.written('witness')).toBe('run\n');
  });

  test('says that its folder is missing', async () => {
    const cwd = join(rig.root, 'nowhere');
    const told = await rig.told(rig.start().send('t1', 'true', { cwd }));
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(told.payload.error).toContain(`the folder ${cwd} does not exist`);
    expect(told.exit).toBeUndefined();
  });

  test('says that its command line is too long', async () => {
    const told = await rig.told(rig.start().send('t1', `: ${'x'.repeat(200_000)}`));
    expect(told.outcome).toMatchObject({ kind: 'failed', reason: 'not-started' });
    expect(told.payload.error).toContain('its command line is too long');
  });
});

describe('accept', () => {
  test('is asked after exit 0, in the same place, into the same log', async () => {
    const order = rig
      .start()
      .send('t1', 'echo made > made', { accept: 'cat made; echo "$SIGNALBOX_TASK_ID"' });
    expect((await rig.told(order)).outcome).toEqual({ kind: 'complete' });
    expect(rig.output(order)).toBe('made\nt1\n');
  });

  test('that says no makes it a failure', async () => {
    const order = rig.start().send('t1', 'echo work', { accept: 'echo too short; exit 4' });
    const told = await rig.told(order);
    expect(told.file).toBe('TASK_FAILED_t1.event');
    expect(told.outcome).toEqual({
      kind: 'failed',
      reason: 'not-accepted',
      message: 'its accept command said no: exit code 4: too short',
    });
    expect(told.exit?.code).toBe(0);
  });

  test('is not asked of a command that failed', async () => {
    const told = await rig.told(rig.start().send('t1', 'exit 3', { accept: 'touch asked' }));
    expect(told.outcome).toMatchObject({ reason: 'exit' });
    expect(existsSync(join(rig.root, 'asked'))).toBe(false);
  });

  test('shares the timeout of its task', async () => {
    const told = await rig.told(rig.start().send('t1', 'true', { accept: 'sleep 60', timeoutMs: 300 }));
    expect(told.outcome).toEqual({ kind: 'timed-out', message: 'ran longer than its timeout of 300ms' });
  });
});

describe('the log', () => {
  const marker = '\n[signalbox: output cut at 1000 bytes]\n';
  const waitFor = (name: string): string => `until test -e ${name}; do sleep 0.01; done`;
  const isCut = (order: StartOrder): boolean => rig.output(order).length === 1000 + marker.length;

  test('is cut at its cap while the command runs, as often as it grows above it', async () => {
    const flood = 'yes 0123456789 | head -c 300000';
    const command = `${flood}; ${waitFor('one')}; ${flood}; echo second >> seen; ${waitFor('two')}; exit 1`;
    const order = rig.start({ SIGNALBOX_HEARTBEAT_MS: '60000' }).send('t1', command, { logCapBytes: 1000 });
    await until(() => isCut(order));
    expect(rig.output(order).endsWith(marker)).toBe(true);
    writeFileSync(join(rig.root, 'one'), '');
    await rig.written('seen');
    await until(() => isCut(order));
    writeFileSync(join(rig.root, 'two'), '');
    expect((await rig.told(order)).outcome).toMatchObject({ kind: 'failed', reason: 'exit' });
    expect(rig.output(order).endsWith(marker)).toBe(true);
  });

  test('is cut also when the command is done before a beat came', async () => {
    const order = rig
      .start({ SIGNALBOX_HEARTBEAT_MS: '60000' })
      .send('t1', 'yes | head -c 50000', { logCapBytes: 1000 });
    await rig.told(order);
    expect(isCut(order)).toBe(true);
  });
});
