/** A task of the plans that are run through crashes, as our own format writes it. */
export interface CrashTask {
  readonly id: string;
  readonly command: string;
  readonly depends_on: readonly string[];
  readonly retries: number;
  readonly files?: readonly string[];
}

export interface PlanShape {
  readonly tasks: number;
  /** How long a command takes, in seconds. */
  readonly seconds: number;
  readonly retries: number;
  /** The file that commands append their attempts to. */
  readonly witness: string;
  /** The command by which some of them tell the bus themselves that they are complete. */
  readonly tell: string;
}

const CHAINS = 3;

/** Three chains and a shared file; each command bears witness of its beginning, its end, and of what it told the bus. */
export function crashTasks({ tasks, seconds, retries, witness, tell }: PlanShape): CrashTask[] {
  const say = (verb: string): string => `echo "${verb} $SIGNALBOX_ATTEMPT_ID" >> '${witness}'`;
  return Array.from({ length: tasks }, (_, index) => {
    const id = `t${index}`;
    const told = index % 4 === 1 ? [`${tell} && ${say('told')}`] : [];
    return {
      id,
      command: [say('begin'), `sleep ${seconds}`, ...told, say('end')].join('; '),
      depends_on: index < CHAINS ? [] : [`t${index - CHAINS}`],
      retries,
      ...(index % 5 === 0 ? { files: ['shared.txt'] } : {}),
    };
  });
}
