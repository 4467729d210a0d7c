import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { until } from '../until.js';

/** The first process collects whoever ends, so that numbers are free at once. */
const INIT = ['perl', '-e', '$SIG{CHLD} = "IGNORE"; print "begun\\n"; $| = 1; sleep 3600 while 1'];
const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const NEXT_PID = '/proc/sys/kernel/ns_last_pid';

/** Why no numbers can be given out here; undefined when they can. */
export function whyNoPidSpace(): string | undefined {
  const [program = '', ...args] = UNSHARE;
  const script = `echo 4000 > ${NEXT_PID} && sh -c 'echo $$' && perl -e 1`;
  const tried = spawnSync(program, [...args, 'sh', '-c', script], { encoding: 'utf8' });
  if (tried.status === 0 && tried.stdout.trim() === '4001') return undefined;
  return `no process numbers can be chosen: ${tried.error?.message ?? tried.stderr}`;
}

/** A space of process numbers in which it can be chosen which number the next process gets. */
export class PidSpace {
  readonly #init: ChildProcess;

  private constructor(init: ChildProcess) {
    this.#init = init;
  }

  static async make(): Promise<PidSpace> {
    const [program = '', ...args] = UNSHARE;
    const init = spawn(program, [...args, ...INIT], { stdio: 'ignore' });
    const space = new PidSpace(init);
    await until(() => space.#first !== undefined, 5000, 'a space of process numbers');
    return space;
  }

  /** Stands before a command line to run it in here, in a folder: it would otherwise begin at the root. */
  through(folder = tmpdir()): readonly string[] {
    return ['nsenter', '--target', String(this.#first), '--pid', '--mount', 'env', '-C', folder];
  }

  /** What a shell says in here. */
  shell(script: string): string {
    const [program = '', ...args] = this.through();
    return execFileSync(program, [...args, 'sh', '-c', script], { encoding: 'utf8' }).trim();
  }

  isTaken(pid: number): boolean {
    return this.shell(`test -e /proc/${pid} && echo taken; true`) === 'taken';
  }

  /**
   * A process that gets this number, which is free, as the leader of a session and group of its own. It appends each signal that it can hear
   * to a file.
   */
  stranger(pid: number, heard: string): void {
    const trap = ['HUP', 'INT', 'QUIT', 'TERM', 'CONT', 'USR1', 'USR2']
      .map(name => `trap 'echo ${name} >> "${heard}"' ${name}`)
      .join('; ');
    const life = `${trap}; while :; do sleep 0.2; done`;
    // Somebody else may be given the number between the two; then there is another try.
    const script = `for try in 1 2 3 4 5 6 7 8 9; do
      echo ${pid - 1} > ${NEXT_PID}
      env -i PATH="$PATH" setsid sh -c '${life.replaceAll("'", `'\\''`)}' stranger >/dev/null 2>&1 </dev/null &
      [ $! = ${pid} ] && exit 0
      kill -9 $!; wait
    done; exit 1`;
    this.shell(script);
  }

  /** The word by which a stranger is known to run still under its number. */
  isStranger(pid: number): boolean {
    return this.shell(`tr '\\0' ' ' < /proc/${pid}/cmdline; cut -d' ' -f3 /proc/${pid}/stat`).includes(
      'stranger',
    );
  }

  /** Ends all that runs in here. */
  async remove(): Promise<void> {
    this.#init.kill('SIGKILL');
    await until(() => this.#init.exitCode !== null || this.#init.signalCode !== null, 5000, 'its end');
  }

  /** As seen from outside. */
  get #first(): number | undefined {
    const { pid } = this.#init;
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return child === undefined || child === '' ? undefined : Number(child);
  }
}
