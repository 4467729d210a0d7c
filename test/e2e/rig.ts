import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JournalRecord } from '../../bus-schema/fact.js';
import { BUS_NAME, layout } from '../../bus-schema/layout.js';
import { runReportSchema, type RunReport } from '../../bus-schema/report.js';
import { runIdSchema, type RunId } from '../../bus-schema/ids.js';
import { replay } from '../../daemon/replay.js';
import { freshFolder } from '../fresh-folder.js';
import { ROOT } from '../tidy/source.js';
import { endAllOf } from './leftovers.js';

/** The built program. */
export const PROGRAM = join(ROOT, 'dist', 'daemon', 'cli', 'main.js');

/** Variables of the machine that runs the tests which would decide something in the program. */
const ASTRAY = /^(SIGNALBOX_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS)/;
/** No command of a test takes half as long. */
const LONGEST_MS = 25_000;

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Call {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** What stands before node on the command line, such as a program that changes the user. */
  readonly through?: readonly string[];
}

/** A call of the program that goes on while the test does something else. */
export interface Background {
  readonly pid: number;
  /** What it has said so far. */
  readonly said: { readonly stdout: string; readonly stderr: string };
  /** Rejects when it takes too long; it has been killed then. */
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** A fresh git repo, and the built program called in it. */
export class Rig {
  readonly repo: string;
  readonly bus: string;
  readonly #remove: () => void;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}; build first: npm run build`);
    const { path, remove } = freshFolder();
    this.repo = path;
    this.bus = join(path, BUS_NAME);
    this.#remove = remove;
    execFileSync('git', ['init', '--quiet', path]);
  }

  /** Calls the program and waits for its end. */
  signalbox(args: readonly string[], call: Call = {}): Promise<Ended> {
    return this.start(args, call).ended;
  }

  start(args: readonly string[], call: Call = {}): Background {
    const { env = {}, input = '', cwd = this.repo, timeoutMs = LONGEST_MS, through = [] } = call;
    const own = Object.entries(process.env).filter(([name]) => !ASTRAY.test(name));
    const [program = process.execPath, ...rest] = [...through, process.execPath, PROGRAM, ...args];
    const child = spawn(program, rest, { cwd, env: { ...Object.fromEntries(own), ...env } });
    this.#children.add(child);
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    // One that ends without reading is no concern.
    child.stdin.on('error', () => undefined).end(input);
    const ended = new Promise<Ended>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`signalbox ${args.join(' ')} took longer than ${timeoutMs} ms: ${said.stderr}`));
      }, timeoutMs);
      child.once('error', reject).once('close', code => {
        clearTimeout(timer);
        this.#children.delete(child);
        resolve({ code, ...said });
      });
    });
    return { pid: child.pid ?? 0, said, ended, kill: signal => child.kill(signal) };
  }

  write(file: string, text: string, mode = 0o644): string {
    const path = join(this.repo, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** A plan of our own format, from JSON. */
  plan(file: string, tasks: readonly object[], more: object = {}): string {
    return this.write(file, JSON.stringify({ signalbox: 1, name: 'e2e', tasks, ...more }));
  }

  /** Content of a file of the repo; empty if there is none yet. */
  read(file: string): string {
    const path = join(this.repo, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  lines(file: string): string[] {
    return this.read(file)
      .split('\n')
      .filter(line => line !== '');
  }

  /** All runs of the bus, the earliest first. */
  runs(): RunId[] {
    if (!existsSync(join(this.bus, layout.runs))) return [];
    const past = replay(this.bus);
    return past.ok ? [...past.value.state.runs.keys()] : [];
  }

  /** The one run there has been. */
  run(): RunId {
    const runs = this.runs();
    if (runs.length !== 1) throw new Error(`not one run but ${runs.length}: ${runs.join(', ')}`);
    return runIdSchema.parse(runs[0]);
  }

  report(run = this.run()): RunReport {
    return runReportSchema.parse(JSON.parse(readFileSync(join(this.bus, layout.reportJson(run)), 'utf8')));
  }

  /** Ends whatever still runs for this repo, then removes it. */
  async remove(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await endAllOf(this.bus);
    this.#remove();
  }
}

/** The journal of a bus, record by record, each submission with its plan. */
export function journalOf(bus: string): readonly JournalRecord[] {
  const past = replay(bus, () => true);
  if (!past.ok) throw new Error(`${past.error.file}: ${past.error.message}`);
  return past.value.kept;
}

/** Every path below a folder with what stands in it: what a command that must not write leaves the same. */
export function treeOf(folder: string, below = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (path === '.git') continue;
    if (entry.isDirectory()) Object.assign(tree, { [`${path}/`]: '' }, treeOf(folder, path));
    else tree[path] = entry.isFile() ? readFileSync(join(folder, path), 'latin1') : '(no file)';
  }
  return tree;
}
