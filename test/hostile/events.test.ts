import {
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { layout } from '../../bus-schema/layout.js';
import type { RunId } from '../../bus-schema/ids.js';
import { until } from '../until.js';
import { HOSTILE_BODIES } from './bodies.js';
import { canMakeDevices, fifo, HostileRig, isRoot, NOBODY } from './rig.js';

/** One daemon and one task that runs through all of it: each thing is put there, and must have come to nothing. */
const rig = new HostileRig();
let run: RunId;
beforeAll(async () => {
  await rig.up();
  run = await rig.hold();
}, 60_000);
afterAll(() => rig.remove());

const event = (name: string): string => join(rig.bus, layout.event(name));
const names = (): string[] => readdirSync(join(rig.bus, layout.events), 'latin1');

/** Made elsewhere: what is only half of it yet would be the word that it looks like. */
const whole =
  (make: (path: string) => void) =>
  (path: string): void => {
    const made = join(rig.repo, 'made');
    make(made);
    renameSync(made, path);
  };

describe('what is no file that could be read is moved away unopened, and the daemon goes on', () => {
  const kinds: readonly (readonly [string, (path: string) => void, RegExp, (string | undefined)?])[] = [
    ['a FIFO', fifo, /no regular file/],
    ['a folder', path => mkdirSync(join(path, 'within'), { recursive: true }), /no regular file/],
    ['a link', path => symlinkSync('/etc/passwd', path), /symbolic link/],
    ['a link to itself', path => symlinkSync(path, path), /symbolic link/],
    ['a link to nothing', path => symlinkSync('/nowhere/at/all', path), /symbolic link/],
    ['a link to a device', path => symlinkSync('/dev/zero', path), /symbolic link/],
    [
      'a file with a second name that stays',
      whole(path => {
        writeFileSync(path, 'x');
        linkSync(path, join(rig.repo, 'second-name'));
      }),
      /hard links/,
    ],
    [
      'a file that is too large',
      whole(path => writeFileSync(path, 'x'.repeat(256 * 1024 + 1))),
      /larger than 262144/,
    ],
    [
      'a file of a terabyte',
      whole(path => {
        writeFileSync(path, '');
        truncateSync(path, 1024 ** 4);
      }),
      /larger than 262144/,
    ],
    [
      'a device',
      path => execFileSync('mknod', [path, 'c', '1', '5']),
      /no regular file/,
      canMakeDevices ? undefined : 'needs root and the right to make devices',
    ],
    [
      'a file of another user',
      whole(path => {
        writeFileSync(path, 'x');
        chownSync(path, NOBODY, NOBODY);
      }),
      /it belongs to user 65534/,
      isRoot ? undefined : 'needs root',
    ],
  ];

  for (const [index, [what, make, reason, absent]] of kinds.entries()) {
    (absent === undefined ? test : test.skip)(
      `${what}${absent === undefined ? '' : ` (not run: ${absent})`}`,
      async () => {
        const name = `TASK_COMPLETE_gate@kind${index}.event`;
        make(event(name));
        await rig.quarantined(new RegExp(`events/${name}: .*${reason.source}`));
        // The reason is written first.
        await until(() => !names().includes(name), undefined, `${name} to be moved away`);
        await rig.answers();
      },
    );
  }

  test('a socket', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(event('PROGRESS_gate@socket.event'), resolve));
    await rig.quarantined(/PROGRESS_gate@socket.event: /);
    server.close();
    await rig.answers();
  });
});

describe('names that mean nothing are no event’s, whatever they would lead to', () => {
  const wanted = 'its name is no event: TYPE_id.event is wanted';
  test.each([
    ['that would leave the folder', 'TASK_COMPLETE_...event', wanted],
    ['with a path’s escape', 'TASK_COMPLETE_..%2fgate.event', wanted],
    ['with a space', 'TASK_COMPLETE_a b.event', wanted],
    ['with a line’s end', 'TASK_COMPLETE_gate\nTASK_COMPLETE_x.event', wanted],
    ['with an escape sequence', 'TASK_COMPLETE_\u001b[2Jgate.event', wanted],
    ['turned about', 'TASK_COMPLETE_gate\u202e.event', wanted],
    ['of 240 characters', `TASK_COMPLETE_${'x'.repeat(226)}.event`, wanted],
    ['__proto__', 'TASK_COMPLETE___proto__.event', wanted],
    ['constructor', 'TASK_COMPLETE_constructor.event', 'no attempt of task constructor is open'],
    ['toString', 'TASK_FAILED_toString.event', 'no attempt of task toString is open'],
    ['the same in capitals', 'TASK_COMPLETE_GATE.event', 'no attempt of task GATE is open'],
  ])('%s', async (_what, name, why) => {
    const before = rig.reasons().length;
    writeFileSync(event(name), '');
    await until(() => !names().includes(Buffer.from(name).toString('latin1')), 20_000, `no ${name}`);
    const reason = await until(() =>
      rig
        .reasons()
        .slice(before)
        .find(each => each.includes(why)),
    );
    // One line, and nothing in it that could act on a terminal.
    expect(reason).toMatch(/^[\x20-\x7e…]+\n$/);
    await rig.answers();
  });

  test('that are no text at all', async () => {
    writeFileSync(Buffer.from(`${event('TASK_COMPLETE_')}\xff\xfe\x9b2J.event`, 'latin1'), '');
    await until(() => names().every(name => !name.includes('\xff')), 20_000, 'its removal');
    await rig.answers();
  });
});

describe('bodies that mean nothing change nothing', () => {
  test.each(HOSTILE_BODIES)('a body of %s is dealt with, and changes nothing', async (_what, body) => {
    // Of a task that is not there; and of one that is, but which they do not end.
    for (const name of [
      'TASK_FAILED_ghost',
      'FILE_LOCK_REQUEST_x',
      'PROGRESS_gate',
      'HEARTBEAT_worker-1',
      'BLOCKED_gate',
    ])
      writeFileSync(event(`${name}.event`), body);
    await until(
      () => names().every(name => name.startsWith('DEP_READY_')),
      20_000,
      `an empty folder: ${names().join()}`,
    );
    await rig.answers();
  });

  test('a file that grows while it is read, and one that is cut', async () => {
    const name = event('TASK_FAILED_ghost@grows.event');
    for (let number = 0; number < 300; number++) writeFileSync(name, 'x'.repeat(1024), { flag: 'a' });
    truncateSync(name, 3);
    await until(() => !names().includes('TASK_FAILED_ghost@grows.event'), 20_000, 'its end');
    await rig.answers();
  });
});

test('after all of it the task is as it was, and the run comes to its end', async () => {
  const report = await rig.release(run);
  expect(report).toMatchObject({ verdict: 'PASS', counts: { complete: 1 }, attemptsStarted: 1 });
  expect(rig.daemon.said.stderr).not.toMatch(/internal error/i);
});
