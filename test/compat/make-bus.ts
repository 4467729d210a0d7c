import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { layout } from '../../bus-schema/layout.js';
import type { replay } from '../../daemon/replay.js';
import { until } from '../until.js';
import { describeState } from './describe-state.js';

/*
 * Makes the bus of a release, by the built program of that release: `npx tsx test/compat/make-bus.ts CHECKOUT`. What it is
 * made in is a folder that any machine may have, since its path stands in the plans.
 */

const REPO = '/home/you/project';
const BUS = join(REPO, '.message-bus');
const CONFIG = 'backoff: { first: 20ms }\nsettle_grace: 1s\nkill_grace: 300ms\n';

/** Every way to end, in two waves. `long` keeps the run open until the rest has come to its end. */
const FATES = [
  { id: 'holds', command: 'sleep 0.4; echo held', files: ['shared.txt'] },
  { id: 'waits', command: 'echo waited', files: ['shared.txt'] },
  { id: 'again', command: 'test "$SIGNALBOX_ATTEMPT" -ge 2', retries: 2 },
  { id: 'told', command: 'sh told.sh', type: 'note' },
  { id: 'slow', command: 'sleep 30', timeout: '300ms', retries: 0 },
  { id: 'reopened', command: 'test -e open', retries: 0 },
  {
    id: 'long',
    command: 'while [ ! -e open ]; do sleep 0.1; done; sleep 2',
    priority: 'P1',
    estimate: '2s',
  },
  { id: 'after', command: 'echo after', depends_on: ['reopened', 'holds'] },
  { id: 'never', command: 'echo never', depends_on: ['slow'] },
];

async function main(checkout: string): Promise<void> {
  const program = join(checkout, 'dist', 'daemon', 'cli', 'main.js');
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
  const story = new Story(program);
  try {
    await story.tell();
  } catch (error) {
    story.end();
    throw error;
  }
  await keep(version, checkout);
}

/** What happens to the bus, told with the program of the release. */
class Story {
  readonly #program: string;
  readonly #env = {
    PATH: process.env.PATH ?? '',
    HOME: '/home/you',
    SIGNALBOX_CONTAINMENT: 'group',
  };

  constructor(program: string) {
    this.#program = program;
  }

  async tell(): Promise<void> {
    rmSync(REPO, { recursive: true, force: true });
    mkdirSync(REPO, { recursive: true });
    spawnSync('git', ['init', '--quiet', REPO]);
    // In a file of its own: where the program stands is not to be in the plan.
    writeFileSync(join(REPO, 'told.sh'), `'${process.execPath}' '${this.#program}' complete 4c1f2a9\n`);
    this.#must('init');
    writeFileSync(join(BUS, layout.config), CONFIG, { mode: 0o600 });
    this.#must('up', '--detach');
    this.#must('pause');
    this.#plan('fates', FATES, { max_parallel: 5, schedule: 'waves', retries: 1, timeout: '20s' });
    this.#must('resume');
    await until(() => this.#text('explain', 'reopened').includes('exit code 1'), 20_000, 'a failed task');
    writeFileSync(join(REPO, 'open'), '');
    this.#must('retry', 'reopened');
    await this.#ended('fates');

    this.#plan('lost', [{ id: 'lost', command: 'test "$SIGNALBOX_ATTEMPT" -ge 2 || sleep 20', retries: 1 }]);
    await this.#runs('lost');
    this.#killWorkers();
    await this.#ended('lost');

    const cancelled = this.#plan('cancelled', [{ id: 'endless', command: 'sleep 20' }]);
    await this.#runs('endless');
    this.#must('cancel', cancelled);
    await this.#ended('cancelled');
    this.#limit();
    this.#must('down');

    this.#must('up', '--detach');
    const open = this.#plan('unfinished', [
      { id: 'done', command: 'while [ ! -e paused ]; do sleep 0.1; done' },
      { id: 'next', command: 'echo next', depends_on: ['done'] },
    ]);
    await this.#runs('done');
    this.#must('pause', open);
    writeFileSync(join(REPO, 'paused'), '');
    await until(() => this.#status().includes('1/2 complete'), 20_000, 'the first of two tasks');
    const lease = JSON.parse(readFileSync(join(BUS, layout.daemonInfo), 'utf8')) as {
      holder: { pid: number };
    };
    process.kill(lease.holder.pid, 'SIGKILL');
    this.#killWorkers();
  }

  end(): void {
    this.#signalbox('down', '--now');
  }

  #plan(name: string, tasks: readonly object[], settings: object = {}): string {
    const text = JSON.stringify({ signalbox: 1, name, settings, tasks });
    writeFileSync(join(REPO, `${name}.json`), text);
    return this.#must('submit', `${name}.json`).trim();
  }

  #limit(): void {
    const made = join(BUS, layout.command('limit'));
    writeFileSync(made, JSON.stringify({ id: 'limit', do: 'set-limit', maxParallel: 4 }), { mode: 0o600 });
  }

  #killWorkers(): void {
    for (const worker of readdirSync(join(BUS, layout.workers))) {
      const text = readFileSync(join(BUS, layout.workers, worker, 'pid.json'), 'utf8');
      const { holder } = JSON.parse(text) as { holder: { pid: number } };
      spawnSync('kill', ['-KILL', String(holder.pid)]);
    }
  }

  async #runs(task: string): Promise<void> {
    await until(() => this.#text('explain', task).includes(' runs on '), 20_000, `the start of ${task}`);
  }

  async #ended(name: string): Promise<void> {
    const over = new RegExp(`\\(${name}\\): (PASS|FAIL|STOPPED)`);
    await until(() => over.test(this.#status()), 30_000, `the end of ${name}: ${this.#status()}`);
  }

  #status(): string {
    return this.#text('status');
  }

  #text(...args: string[]): string {
    return spawnSync(process.execPath, [this.#program, ...args], {
      cwd: REPO,
      env: this.#env,
      encoding: 'utf8',
    }).stdout;
  }

  #signalbox(...args: string[]): number | null {
    return spawnSync(process.execPath, [this.#program, ...args], { cwd: REPO, env: this.#env }).status;
  }

  #must(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.#program, ...args], {
      cwd: REPO,
      env: this.#env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`signalbox ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}

/** Puts the bus beside this file, with what its own release says of it. */
async function keep(version: string, checkout: string): Promise<void> {
  const release = pathToFileURL(join(checkout, 'dist', 'daemon', 'replay.js')).href;
  const own = (await import(release)) as { replay: typeof replay };
  const past = own.replay(BUS);
  if (!past.ok) throw new Error(past.error.message);
  const to = join(dirname(fileURLToPath(import.meta.url)), version);
  rmSync(to, { recursive: true, force: true });
  // It hides a bus from git, and this one is to be seen.
  cpSync(BUS, join(to, 'bus'), { recursive: true, filter: from => from !== join(BUS, layout.ignore) });
  writeFileSync(join(to, 'state.json'), `${JSON.stringify(describeState(past.value.state), null, 2)}\n`);
}

await main(process.argv[2] ?? '');
