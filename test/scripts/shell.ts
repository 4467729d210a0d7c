import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../tidy/source.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shells that our scripts must work in, as far as this machine has them. */
export const SHELLS: readonly (readonly [string, ...string[]])[] = (
  [['dash'], ['bash', '--posix'], ['busybox', 'sh']] as const
).filter(([program]) => spawnSync(program, ['-c', ':']).error === undefined);

const script = (name: string): string => join(ROOT, 'scripts', name);

/** Only these variables reach the script: what this test run has set must not decide. */
const environment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...extra,
});

/** Starts a script of `scripts/`. */
export function startScript(
  shell: readonly [string, ...string[]],
  name: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended>; stdout(): string } {
  const [program, ...options] = shell;
  const child = spawn(program, [...options, script(name), ...args], { cwd, env: environment(env) });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended, stdout: () => stdout };
}

/** Runs a script of `scripts/` to its end. */
export async function runScript(...args: Parameters<typeof startScript>): Promise<Ended> {
  return startScript(...args).ended;
}
