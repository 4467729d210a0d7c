import type { Command } from 'commander';
import { declare, end } from './declare.js';
import type { JsonFlags } from './flags.js';
import type { AcquireFlags } from './locks/acquire.js';
import type { ReleaseFlags } from './locks/release.js';

/** Locks that a task asks for while it runs. */
export function declareLockCommands(root: Command): void {
  const lock = declare(root, {
    usage: 'lock',
    summary: 'Ask for files while a task runs, give them back, or list who holds which.',
    examples: ['lock acquire src/schema.ts', 'lock release --all', 'lock list'],
  });
  declare(lock, {
    usage: 'acquire <paths...>',
    summary: 'Inside a task: wait until these files are its own, all of them together.',
    examples: [
      'lock acquire src/schema.ts && make schema',
      'lock acquire src/ docs/api.md --wait 5m',
      "lock acquire 'gen/**' --wait 0 || echo busy",
    ],
  })
    .option(
      '--wait <duration>',
      'give up after so long; 0 does not wait (default: as long as the attempt lives)',
    )
    .option('--json', 'print what came of it as JSON')
    .action((paths: string[], _flags: unknown, command: Command) =>
      end(
        import('./locks/acquire.js').then(({ acquire }) =>
          acquire(paths, command.optsWithGlobals<AcquireFlags>()),
        ),
      ),
    );
  declare(lock, {
    usage: 'release [paths...]',
    summary: 'Inside a task: give back what it asked for. What is left ends with the attempt.',
    examples: ['lock release src/schema.ts', 'lock release --all'],
  })
    .option('--all', 'everything that was asked for')
    .option('--json', 'print what was done as JSON')
    .action((paths: string[], _flags: unknown, command: Command) =>
      end(
        import('./locks/release.js').then(({ release }) =>
          release(paths, command.optsWithGlobals<ReleaseFlags>()),
        ),
      ),
    );
  declare(lock, {
    usage: 'list',
    summary: 'Show who holds which file: declared, asked for, or locked by a program outside.',
    examples: ['lock list', 'lock list --json | jq .locks'],
  })
    .option('--json', 'print it as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./locks/list.js').then(({ list }) => list(command.optsWithGlobals<JsonFlags>()))),
    );
}
