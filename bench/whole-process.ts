import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './place.js';

export interface Call {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** From before its start until it had ended. */
  readonly ms: number;
  readonly output: string;
}

/** Runs a program to its end, as a user would wait for it. Its output goes to files, so that nobody waits for a reader. */
export async function wholeProcess({ argv, cwd, env = {} }: Call): Promise<Ended> {
  const folder = newFolder();
  const [out, err] = ['out', 'err'].map(name => join(folder, name)) as [string, string];
  const fds = [openSync(out, 'w'), openSync(err, 'w')];
  try {
    const stdio: StdioOptions = ['ignore', ...fds];
    const [program = '', ...args] = argv;
    const before = performance.now();
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const ms = performance.now() - before;
    if (code !== 0) {
      const said = readFileSync(err, 'utf8').slice(-800);
      throw new Error(`${argv.slice(0, 3).join(' ')} ended with ${code ?? signal}: ${said}`);
    }
    return { ms, output: readFileSync(out, 'utf8') };
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
