import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MUTANTS, type Mutant } from './mutant-list.js';

/** Plays schedules with each rule broken in turn, until one shows it. Answers the exit code. */
function main(args: readonly string[]): number {
  const only = args.find(arg => !arg.startsWith('-'));
  let survivors = 0;
  for (const [index, mutant] of MUTANTS.entries()) {
    if (only !== undefined && only !== String(index + 1)) continue;
    const told = tryOut(mutant);
    if (told === undefined) survivors++;
    process.stdout.write(
      `${String(index + 1).padStart(2)}  ${told === undefined ? 'SURVIVED' : 'caught  '}  ${mutant.breaks}${told === undefined ? '' : `: ${told}`}\n`,
    );
  }
  process.stdout.write(`${MUTANTS.length} mutants, ${survivors} survived\n`);
  return survivors === 0 ? 0 : 1;
}

/** The first line that a violated promise prints; undefined when 20,000 schedules do not see it. */
function tryOut(mutant: Mutant): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-mutant-'));
  try {
    for (const part of ['bus-schema', 'daemon', 'worker', 'test', 'package.json', 'tsconfig.json'])
      cpSync(part, join(folder, part), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const file = join(folder, mutant.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mutant.from).length !== 2)
      throw new Error(`${mutant.file} does not hold once: ${mutant.from}`);
    writeFileSync(
      file,
      source.replace(mutant.from, () => mutant.to),
    );
    const played = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'test/simulation/main.ts', '--count', '20000', '--first'],
      { cwd: folder, encoding: 'utf8' },
    );
    return played.status === 0 ? undefined : (played.stdout.split('\n')[0] ?? '').slice(0, 160);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main(process.argv.slice(2));
