/** More than two hundred thousand long names; git is ended there. */
const LONGEST_ANSWER = 64 * 1024 ** 2;

/**
 * What git answers with names, each ended by a NUL, asked in a folder. Undefined where it cannot say anything: there is no
 * git, or the folder is in no repo of it. Nothing that the repo's own config names is started.
 */
export async function askGit(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ names: string[]; complete: boolean } | undefined> {
  if (signal.aborted) return { names: [], complete: false };
  const { execa } = await import('execa');
  const config = ['core.fsmonitor=false', 'log.showSignature=false', 'core.untrackedCache=false'];
  const child = execa('git', [...config.flatMap(pair => ['-c', pair]), ...args], {
    cwd: folder,
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    stdin: 'ignore',
    stderr: 'ignore',
    maxBuffer: LONGEST_ANSWER,
    stripFinalNewline: false,
    cancelSignal: signal,
    reject: false,
  });
  const { stdout, failed, isCanceled, isMaxBuffer } = await child;
  const wasCut = isCanceled || isMaxBuffer;
  if (failed && !wasCut) return undefined;
  const names = stdout.split('\0');
  // Behind the last NUL stands nothing, or a name that was cut off.
  names.pop();
  return { names, complete: !wasCut };
}
