import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { compileInto } from '../compiled.js';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { ROOT } from '../tidy/source.js';

/** Stands for the command line: tells how it was called, and ends as it is told to. */
const CLI = `
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), bus: process.env.SIGNALBOX_BUS ?? null }) + '\\n');
const end = process.env.TEST_END;
if (end === 'wait') {
  process.on('SIGTERM', () => process.exit(3));
  setInterval(() => {}, 1000);
  process.stdout.write('waiting\\n');
} else if (end === 'die') process.kill(process.pid, 'SIGKILL');
else process.exitCode = Number(end ?? 0);
`;
const calledSchema = z.object({ args: z.array(z.string()), cwd: z.string(), bus: z.string().nullable() });

let folder: FreshFolder;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = freshFolder();
  for (const made of ['dist/daemon/cli', 'tmp', 'called from'])
    mkdirSync(join(folder.path, made), { recursive: true });
  compileInto(join(folder.path, 'dist'), ['scripts/start.ts']);
  writeFileSync(join(folder.path, 'dist/daemon/cli/main.js'), CLI);
  cpSync(join(ROOT, 'docs/example'), join(folder.path, 'docs/example'), { recursive: true });
});
afterEach(() => {
  child?.kill('SIGKILL');
  folder.remove();
});

interface Started {
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
  readonly waiting: Promise<void>;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const started = spawn(process.execPath, [join(folder.path, 'dist/scripts/start.js'), ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, TMPDIR: join(folder.path, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let stdout = '';
  let stderr = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const waiting = new Promise<void>(resolve => {
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('waiting\n')) resolve();
    });
  });
  const ended = new Promise<Awaited<Started['ended']>>(resolve => {
    started.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { ended, waiting };
}

describe('npm start', () => {
  test('without arguments runs the example in a fresh repo of its own and says where', async () => {
    const { code, stdout, stderr } = await start([], { SIGNALBOX_BUS: '/nowhere', GIT_DIR: '/nowhere' })
      .ended;
    expect(code).toBe(0);
    const called = calledSchema.parse(JSON.parse(stdout));
    expect(called.args).toEqual(['run', 'word-atlas_20261121', '--command', 'sh tools/work.sh']);
    expect(called.cwd.startsWith(join(folder.path, 'tmp/signalbox-example-'))).toBe(true);
    expect(called.bus).toBeNull();
    expect(existsSync(join(called.cwd, '.git'))).toBe(true);
    expect(existsSync(join(called.cwd, 'conductor/tracks/word-atlas_20261121/plan.md'))).toBe(true);
    expect(stderr).toContain(called.cwd);
  });

  test('with arguments is the command line, where npm was called', async () => {
    const cwd = join(folder.path, 'called from');
    const args = ['run', 'a plan.yaml', '--', '-x', ''];
    const { code, stdout, stderr } = await start(args, {
      INIT_CWD: cwd,
      SIGNALBOX_BUS: '/bus',
      TEST_END: '1',
    }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(calledSchema.parse(JSON.parse(stdout))).toEqual({ args, cwd, bus: '/bus' });
    expect(readdirSync(join(folder.path, 'tmp'))).toEqual([]);
  });

  test('ends by the signal that ended the command line', async () => {
    expect(await start(['status'], { TEST_END: 'die' }).ended).toMatchObject({
      code: null,
      signal: 'SIGKILL',
    });
  });

  test('passes a signal on and waits for the end', async () => {
    const { waiting, ended } = start(['up'], { TEST_END: 'wait' });
    await waiting;
    child?.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 3, signal: null });
  });
});
