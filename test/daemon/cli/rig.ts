import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freshFolder } from '../../fresh-folder.js';
import { ROOT } from '../../tidy/source.js';

const CLI = join(ROOT, 'dist/daemon/cli/main.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables of the machine that runs the tests which would decide something in the command line. */
const ASTRAY = /^(SIGNALBOX_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS)/;

/** A folder that stands for a repo, and the built command line called in it. */
export class CliRig {
  readonly path: string;
  readonly bus: string;
  /** The program's file, for tasks that call it themselves. */
  readonly cli = CLI;
  readonly #remove: () => void;

  constructor() {
    if (!existsSync(CLI)) throw new Error(`there is no ${CLI}; build first: npm run build`);
    const { path, remove } = freshFolder();
    this.path = path;
    this.bus = join(path, '.message-bus');
    this.#remove = remove;
    mkdirSync(join(path, '.git'));
  }

  /** Calls `signalbox` and waits for its end. */
  call(args: readonly string[], { env = {}, input = '' }: Call = {}): Promise<Ended> {
    const own = Object.entries(process.env).filter(([name]) => !ASTRAY.test(name));
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.path,
      env: { ...Object.fromEntries(own), ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // One that ends without reading is no concern.
    child.stdin.on('error', () => undefined).end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject).once('close', code => resolve({ code, stdout, stderr }));
    });
  }

  /** Calls `signalbox` with a pipe behind it; the code is its own, not the pipe's. */
  async pipe(args: readonly string[], reader: string): Promise<Ended> {
    const quoted = args.map(arg => `'${arg}'`).join(' ');
    const script = `{ '${process.execPath}' '${CLI}' ${quoted}; echo $? >&3; } | ${reader}`;
    const child = spawn('sh', ['-c', script], { cwd: this.path, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const texts = ['', '', '', ''];
    for (const [index, stream] of child.stdio.entries())
      if (index > 0)
        stream?.on('data', (data: Buffer) => (texts[index] = `${texts[index] ?? ''}${data.toString()}`));
    await new Promise(resolve => child.once('close', resolve));
    return { code: Number(texts[3]), stdout: texts[1] ?? '', stderr: texts[2] ?? '' };
  }

  /** What a command prints that must succeed. */
  async result(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.call(args);
    if (code !== 0) throw new Error(`signalbox ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  async json(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse(await this.result(...args, '--json')) as Record<string, unknown>;
  }

  write(file: string, text: string, mode = 0o644): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** A plan of our own format, from JSON. */
  plan(file: string, tasks: readonly object[], settings: object = {}): string {
    const name = file.replace(/\..*/, '');
    return this.write(
      file,
      JSON.stringify({ signalbox: 1, name, settings: { retries: 0, ...settings }, tasks }),
    );
  }

  /** Ends the daemon, if there is one, and removes everything. */
  async remove(): Promise<void> {
    if (existsSync(this.bus)) await this.call(['down', '--now']);
    this.#remove();
  }
}

interface Call {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}
