import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { Schedule } from './schedule.js';

const USAGE = `usage: npm run simulate -- [--seed N | --count N [--from N] [--first]]

  --seed N    play one schedule, and say how it went
  --count N   play so many, on all processors, and name each that breaks a promise
  --from N    from this seed on
  --first     end with the first that does
`;

/** More than anybody reads. */
const MOST_TOLD = 20;
/** How often one says how far it is, in schedules of its own. */
const TOLD_EVERY = 5000;

interface Options {
  readonly seed: number | undefined;
  readonly from: number;
  readonly count: number;
  readonly first: boolean;
  /** One of several processes: it prints its figures and no more. */
  readonly part: boolean;
}

interface Figures {
  schedules: number;
  violations: number;
  steps: number;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const known = ['--seed', '--count', '--from', '--first', '--part'];
  const value = (name: string): number => {
    const at = args.indexOf(name);
    return at === -1 ? NaN : Number(args[at + 1]);
  };
  const given = ['--seed', '--count', '--from'].filter(name => args.includes(name));
  const stray = args.some(arg => !known.includes(arg) && !/^\d{1,10}$/.test(arg));
  if (stray || given.some(name => !Number.isInteger(value(name)))) return undefined;
  const or = (number: number, otherwise: number): number => (Number.isNaN(number) ? otherwise : number);
  return {
    seed: args.includes('--seed') ? value('--seed') : undefined,
    from: or(value('--from'), 1),
    count: or(value('--count'), 10_000),
    first: args.includes('--first'),
    part: args.includes('--part'),
  };
}

function playOne(seed: number): number {
  const verdict = new Schedule(seed).play();
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  return verdict.violation === undefined ? 0 : 1;
}

function playSome({ from, count, first }: Options): void {
  const figures: Figures = { schedules: 0, violations: 0, steps: 0 };
  const tell = (): void => {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  };
  for (let seed = from; seed < from + count; seed++) {
    const { violation, steps } = new Schedule(seed).play();
    figures.schedules++;
    figures.steps += steps;
    if (figures.schedules % TOLD_EVERY === 0) tell();
    if (violation === undefined) continue;
    if (++figures.violations <= MOST_TOLD) process.stdout.write(`seed ${seed}: ${violation}\n`);
    if (first) break;
  }
  tell();
}

/** On every processor a process of its own. */
async function playAll(options: Options): Promise<Figures> {
  const share = Math.ceil(options.count / availableParallelism());
  const figures: Figures[] = [];
  const parts: Promise<void>[] = [];
  for (let done = 0; done < options.count; done += share) {
    const count = Math.min(share, options.count - done);
    const args = ['--part', '--from', String(options.from + done), '--count', String(count)];
    const part = parts.length;
    parts.push(
      playPart(options.first ? [...args, '--first'] : args, told => {
        figures[part] = told;
        const { schedules, violations } = sumOf(figures);
        if (schedules < options.count)
          process.stderr.write(`${schedules} of ${options.count} played, ${violations} violations\n`);
      }),
    );
  }
  await Promise.all(parts);
  return sumOf(figures);
}

/** Of those that have told. */
function sumOf(figures: readonly (Figures | undefined)[]): Figures {
  const sum: Figures = { schedules: 0, violations: 0, steps: 0 };
  for (const part of figures) {
    sum.schedules += part?.schedules ?? 0;
    sum.violations += part?.violations ?? 0;
    sum.steps += part?.steps ?? 0;
  }
  return sum;
}

/** @param tell is given its figures now and then, and the last ones at its end. */
async function playPart(args: readonly string[], tell: (figures: Figures) => void): Promise<void> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let last = '';
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) tell(JSON.parse(line) as Figures);
    else process.stdout.write(`${line}\n`);
    last = line;
  }
  await ended;
  if (!last.startsWith('{')) throw new Error(`a part of the simulation ended without figures: ${last}`);
}

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (options.seed !== undefined) return playOne(options.seed);
  const begun = performance.now();
  if (options.part) {
    playSome(options);
    return 0;
  }
  const { schedules, violations, steps } = await playAll(options);
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(
    `${schedules} schedules, ${violations} violations, ${steps} steps, ${seconds.toFixed(1)} s, ${Math.round(schedules / seconds)} schedules a second\n`,
  );
  return violations === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
