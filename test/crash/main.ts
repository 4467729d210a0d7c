import { Dice } from '../simulation/dice.js';
import { KINDS, type CrashCase, type Kind } from './kinds.js';

const DEFAULT_COUNT = 5;

const USAGE = `usage: npm run crash -- [--count N] [--only KIND,KIND] [--seed N] [--each]

  --count N   so many cases of each kind; without it ${DEFAULT_COUNT}, and of system calls every one there is
  --only …    ${KINDS.map(kind => kind.name).join(', ')}
  --seed N    of all chance; the instants are the machine's
  --each      a line for each case
`;

interface Options {
  readonly count: number | undefined;
  readonly kinds: readonly Kind[];
  readonly seed: number;
  readonly each: boolean;
}

interface Row {
  readonly kind: Kind;
  readonly cases: number;
  readonly wrong: number;
  readonly seconds: number;
  readonly obstacle: string | undefined;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const name = args[at] ?? '';
    if (!['--count', '--only', '--seed', '--each'].includes(name)) return undefined;
    given.set(name, name === '--each' ? '' : (args[++at] ?? ''));
  }
  const names = given.get('--only')?.split(',');
  const kinds = KINDS.filter(kind => names === undefined || names.includes(kind.name));
  const count = given.get('--count');
  const seed = given.get('--seed') ?? String(Date.now() % 2 ** 31);
  const whole = /^\d{1,10}$/;
  if (kinds.length !== (names?.length ?? KINDS.length) || !whole.test(seed) || !whole.test(count ?? '1'))
    return undefined;
  return {
    count: count === undefined ? undefined : Number(count),
    kinds,
    seed: Number(seed),
    each: given.has('--each'),
  };
}

async function rowOf(kind: Kind, { count, seed, each }: Options): Promise<Row> {
  const obstacle = kind.obstacle();
  let cases = 0;
  let wrong = 0;
  const begun = performance.now();
  const found = (one: CrashCase): void => {
    cases++;
    if (one.wrong.length > 0) wrong++;
    if (each || one.wrong.length > 0)
      say(`  ${one.name}: ${one.wrong.length === 0 ? 'sound' : one.wrong.join('\n    ')}`);
  };
  if (obstacle === undefined) {
    const all = count === undefined ? kind.all?.() : undefined;
    for await (const one of all ?? kind.some(new Dice(seed), count ?? DEFAULT_COUNT)) found(one);
  }
  return { kind, cases, wrong, seconds: (performance.now() - begun) / 1000, obstacle };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const cells = (name: string, ...rest: (number | string)[]): string =>
  name.padEnd(12) + rest.map(each => String(each).padStart(9)).join('');

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  say(`seed ${options.seed}`);
  const rows: Row[] = [];
  for (const kind of options.kinds) {
    say(`${kind.name}: ${kind.what}`);
    rows.push(await rowOf(kind, options));
  }
  say(`\n${cells('kind', 'cases', 'wrong', 'seconds')}`);
  for (const { kind, cases, wrong, seconds, obstacle } of rows)
    say(
      obstacle === undefined
        ? cells(kind.name, cases, wrong, seconds.toFixed(1))
        : `${kind.name.padEnd(12)}    not played: ${obstacle}`,
    );
  return rows.some(row => row.wrong > 0) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
