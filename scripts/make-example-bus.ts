import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { BUS_FOLDERS, BUS_NAME, layout } from '../bus-schema/layout.js';
import { bootId } from '../bus-schema/store/process-identity.js';

/*
 * Makes `.message-bus.example` anew: runs docs/example-bus/release-notes.yaml with the built program in a folder of its
 * own, and takes out of the bus what belongs to this machine. To be run after a build.
 */

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const EXAMPLE = join(root, '.message-bus.example');
const PLAN = 'release-notes.yaml';

/** What stands in the example in the place of this machine's own. */
const REPO = '/home/you/project';
const BOOT_ID = '6f2b9c1e-41d7-4c0a-9a53-0d8e7b26f3a4';
const FIRST_PID = 4100;
const FIRST_START_TIME = 184_200;
const FIRST_INODE = 1_310_720;

/** One that ran to its end: its spelling check fails, so 1 is right. */
const EXPECTED_EXIT = 1;

function runPlan(repo: string): string {
  mkdirSync(join(repo, 'tools'));
  cpSync(join(root, 'docs/example-bus', PLAN), join(repo, PLAN));
  cpSync(join(root, 'scripts/emit.sh'), join(repo, 'tools/emit.sh'));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SIGNALBOX_')),
  );
  // The same on every machine.
  env.SIGNALBOX_CONTAINMENT = 'group';
  const bus = join(repo, BUS_NAME);
  const args = [join(root, 'dist/daemon/cli/main.js'), 'run', PLAN, '--bus', bus];
  const { status } = spawnSync(process.execPath, args, { cwd: repo, env, stdio: 'inherit', timeout: 60_000 });
  if (status !== EXPECTED_EXIT) throw new Error(`the plan's run ended with ${status}, not ${EXPECTED_EXIT}`);
  return bus;
}

/** Numbers of this machine and what stands for them, the same one wherever it occurs. */
class Substitutes {
  readonly #known = new Map<number, number>();
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  of(value: number): number {
    const known = this.#known.get(value) ?? this.#first + 7 * this.#known.size;
    this.#known.set(value, known);
    return known;
  }
}

/** Rewrites the texts of a bus so that they name no machine. */
class Disguise {
  readonly #words: readonly (readonly [string, string])[];
  readonly #pids = new Substitutes(FIRST_PID);
  readonly #startTimes = new Substitutes(FIRST_START_TIME);
  readonly #inodes = new Substitutes(FIRST_INODE);

  /** @param words texts of this machine, each with the one that takes its place. */
  constructor(words: readonly (readonly [string, string])[]) {
    this.#words = words;
  }

  /** JSON as a whole, JSON by lines, or any other text. */
  text(text: string): string {
    if (text.startsWith('{\n'))
      return `${JSON.stringify(this.#value(JSON.parse(this.#renamed(text))), null, 2)}\n`;
    return text
      .split('\n')
      .map(line => this.#line(this.#renamed(line)))
      .join('\n');
  }

  #line(line: string): string {
    if (line.startsWith('{')) return JSON.stringify(this.#value(JSON.parse(line)));
    return /^\["[0-9a-f]{8}",\d+,\{/.test(line) ? this.#record(line) : line;
  }

  /** A line of the journal, checksum and length made anew. */
  #record(line: string): string {
    const [, , record] = JSON.parse(line) as [string, number, unknown];
    const body = JSON.stringify(this.#value(record));
    return `["${crc32(body).toString(16).padStart(8, '0')}",${Buffer.byteLength(body)},${body}]`;
  }

  #renamed(text: string): string {
    return this.#words.reduce((renamed, [word, other]) => renamed.replaceAll(word, other), text);
  }

  #value(value: unknown, key = ''): unknown {
    if (Array.isArray(value)) return value.map(each => this.#value(each));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#value(each, name)]));
    if (key === 'pid' && typeof value === 'number' && value > 0) return this.#pids.of(value);
    if (key === 'inode' && typeof value === 'number') return this.#inodes.of(value);
    return key === 'startTime' ? String(this.#startTimes.of(Number(value))) : value;
  }
}

/** All regular files below a folder, in one order, as paths relative to it. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The journal knows a plan by the digest of its file, which changes when the paths in it do. */
function digestsOf(
  bus: string,
  words: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  return readdirSync(join(bus, layout.runs)).map(run => {
    const text = readFileSync(join(bus, layout.runs, run, 'plan.json'), 'utf8');
    return [digestOf(text), digestOf(new Disguise(words).text(text))];
  });
}

function copyDisguised(bus: string, repo: string): void {
  const words = [[repo, REPO] as const, [bootId(), BOOT_ID] as const];
  const disguise = new Disguise([...words, ...digestsOf(bus, words)]);
  rmSync(EXAMPLE, { recursive: true, force: true });
  for (const file of filesOf(bus)) {
    // It hides a bus from git, and this one is to be seen.
    if (file === layout.ignore) continue;
    const to = join(EXAMPLE, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, disguise.text(readFileSync(join(bus, file), 'utf8')));
  }
  // git keeps no empty folder; the inner ones come first.
  for (const folder of BUS_FOLDERS.toReversed()) {
    mkdirSync(join(EXAMPLE, folder), { recursive: true });
    if (readdirSync(join(EXAMPLE, folder)).length === 0) writeFileSync(join(EXAMPLE, folder, '.gitkeep'), '');
  }
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-example-bus-')));
try {
  copyDisguised(runPlan(scratch), scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
