import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Schedule } from './schedule.js';

const USAGE = `usage: npm run simulate -- [--seed N | --count N [--from N] [--first]]

  --seed N    play one schedule, and say how it went
  --count N   play so many, on all processors, and name each that breaks a promise
  --from N    from this seed on
  --first     end with the first that does
`;

/** More than anybody reads. */
const MOST_TOLD = 20;

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

function playSome({ from, count, first }: Options): Figures {
  const figures = { schedules: 0, violations: 0, steps: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const { violation, steps } = new Schedule(seed).play();
    figures.schedules++;
    figures.steps += steps;
    if (violation === undefined) continue;
    if (++figures.violations <= MOST_TOLD) process.stdout.write(`seed ${seed}: ${violation}\n`);
    if (first) break;
  }
  return figures;
}

/** On every processor a process of its own. */
async function playAll(options: Options): Promise<Figures> {
  const share = Math.ceil(options.count / availableParallelism());
  const parts: Promise<Figures>[] = [];
  for (let done = 0; done < options.count; done += share) {
    const count = Math.min(share, options.count - done);
    const args = ['--part', '--from', String(options.from + done), '--count', String(count)];
    parts.push(playPart(options.first ? [...args, '--first'] : args));
  }
  return (await Promise.all(parts)).reduce((sum, part) => ({
    schedules: sum.schedules + part.schedules,
    violations: sum.violations + part.violations,
    steps: sum.steps + part.steps,
  }));
}

function playPart(args: readonly string[]): Promise<Figures> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      const lines = text.trimEnd().split('\n');
      const last = lines.pop() ?? '';
      process.stdout.write(lines.map(line => `${line}\n`).join(''));
      if (last.startsWith('{')) resolve(JSON.parse(last) as Figures);
      else reject(new Error(`a part of the simulation ended without figures: ${last}`));
    });
  });
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
    process.stdout.write(`${JSON.stringify(playSome(options))}\n`);
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
