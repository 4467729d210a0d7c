import type { PlanFormat } from '../../bus-schema/plan.js';
import { readPlan } from '../../daemon/plan/read.js';
import { NOISE, type LongText } from '../../test/daemon/plan/long-texts.js';
import { WRITTEN } from './written-plans.js';

/**
 * How long it takes to read a text of one MiB: plans as they should be, and noise made to hurt, by each format; the best of
 * some rounds, so that what else runs on the machine counts for little.
 * Usage: `npm run bench:readers -- [rounds] [part of a row's name …]`. Fails when any of them takes
 * longer than a second.
 */
const MIB = 1024 ** 2;
const LONGEST_MS = 1000;
const FORMATS: readonly PlanFormat[] = ['conductor', 'dispatch', 'wave', 'orchestrate', 'native'];
const [roundsText = '3', ...wanted] = process.argv.slice(2);
const rounds = Number(roundsText);
const isWanted = ({ name }: LongText): boolean =>
  wanted.length === 0 || wanted.some(part => name.includes(part));

function elapsedMs(work: () => void): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** Undefined for the format: found out by the reader. */
function msToRead(text: string, format: PlanFormat | undefined): number {
  const times = Array.from({ length: rounds }, () =>
    elapsedMs(() => readPlan({ text, file: 'plan', format })),
  );
  return Math.min(...times);
}

const slow: string[] = [];

function show({ name, text }: LongText, formats: readonly (PlanFormat | undefined)[]): void {
  const whole = text(MIB);
  const times = formats.map(format => msToRead(whole, format));
  const columns = times.map(ms => `${ms.toFixed(0)}${ms > LONGEST_MS ? '!' : ' '}`.padStart(12));
  if (times.some(ms => ms > LONGEST_MS)) slow.push(name);
  console.log(`${name.padEnd(44)}${columns.join('')}`);
}

const head = (words: readonly string[]): string => words.map(word => word.padStart(11)).join(' ');

console.log(`${'plans, ms a MiB'.padEnd(44)}${head(['detected', 'named'])}`);
for (const plan of WRITTEN.filter(isWanted)) {
  const read = readPlan({ text: plan.text(MIB), file: 'plan' });
  if (!read.ok) throw new Error(`${plan.name} is no plan: ${read.error[0]?.message ?? ''}`);
  if (read.value.plan.format !== plan.format) throw new Error(`${plan.name} is read as another format`);
  show(plan, [undefined, plan.format]);
}
console.log(`\n${'noise'.padEnd(44)}${head(['detected', ...FORMATS])}`);
for (const noise of NOISE.filter(isWanted)) show(noise, [undefined, ...FORMATS]);
console.log(slow.length === 0 ? '\nNone too slow' : `\nToo slow: ${slow.join(', ')}`);
process.exitCode = slow.length === 0 ? 0 : 1;
