import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm start` shows what the program does: it runs the bundled example in a fresh repo. With arguments, such as
 * `npm start -- run PATH`, it is the command line itself, in the folder that npm was called in.
 */

const dist = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(dist, 'daemon/cli/main.js');
const example = join(dirname(dist), 'docs/example');
const TRACK = 'word-atlas_20261121';

/** Variables that would lead the example to another repo, or to another bus, than its own. */
const ASTRAY = /^(GIT_|SIGNALBOX_)/;

const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !ASTRAY.test(name)));

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A copy of the example, committed, since tasks are run in a repo. */
function freshRepo(): string | undefined {
  const repo = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-example-')));
  cpSync(example, repo, { recursive: true });
  const author = ['-c', 'user.name=signalbox', '-c', 'user.email=signalbox@example.invalid'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...author, 'commit', '-q', '-m', 'Begin with four texts'],
  ]) {
    const { error, status, stderr } = spawnSync('git', args, {
      cwd: repo,
      encoding: 'utf8',
      env: ownEnvironment(),
    });
    if (error === undefined && status === 0) continue;
    say(`The example needs a git repo, and git ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
    return undefined;
  }
  return repo;
}

/** Runs the command line to its end and ends as it did. */
function runCli(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, atEnd: () => void): void {
  const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: 'inherit' });
  // A terminal sends an interrupt to the child as well, and a second one would mean "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', error => {
    say(`${process.execPath} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    atEnd();
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
    process.kill(process.pid, signal);
  });
}

function runExample(): void {
  const repo = freshRepo();
  if (repo === undefined) {
    process.exitCode = 2;
    return;
  }
  say(`Running the example in ${repo}`);
  runCli(['run', TRACK, '--command', 'sh tools/work.sh'], repo, ownEnvironment(), () => {
    const page = join(repo, 'build/atlas.html');
    say(existsSync(page) ? `The page is ${page}` : `What there is of the result is in ${repo}`);
    say(`The bus of the run is ${join(repo, '.message-bus')}`);
  });
}

const args = process.argv.slice(2);
if (!existsSync(cli)) {
  say(`There is no ${cli}; run: npm run build`);
  process.exitCode = 2;
} else if (args.length > 0) {
  runCli(args, process.env.INIT_CWD ?? process.cwd(), process.env, () => undefined);
} else runExample();
