import type { Command } from 'commander';
import type { DownFlags } from './down.js';
import { declare, end } from './declare.js';
import type { JsonFlags, UpFlags } from './flags.js';
import type { RetryFlags } from './orders.js';
import type { PruneFlags } from './prune.js';

/** Commands that make a bus, begin and end its daemon, and give it orders. */
export function declareDaemonCommands(root: Command): void {
  declareLife(root);
  declarePrune(root);
  declare(root, {
    usage: 'cancel <run> [task]',
    summary: 'Cancel a run, or one task of it: what runs is ended, the rest is not started.',
    examples: ['cancel build-20260801-101500-k3xq', 'cancel build test'],
  })
    .option('--json', 'print the answer as JSON')
    .action((run: string, task: string | undefined, _flags: unknown, command: Command) =>
      end(
        import('./orders.js').then(({ cancel }) => cancel(run, task, command.optsWithGlobals<JsonFlags>())),
      ),
    );
  declare(root, {
    usage: 'retry <task>',
    summary:
      'Give a task that failed or was cancelled another chance; what was skipped for it waits for it again.',
    examples: ['retry 1.2', 'retry compile --run build'],
  })
    .option('--run <run>', 'the run (default: the latest that has such a task)')
    .option('--json', 'print the answer as JSON')
    .action((task: string, _flags: unknown, command: Command) =>
      end(import('./orders.js').then(({ retry }) => retry(task, command.optsWithGlobals<RetryFlags>()))),
    );
  for (const order of ['pause', 'resume'] as const) {
    declare(root, {
      usage: `${order} [run]`,
      summary:
        order === 'pause'
          ? 'Start nothing new, of one run or of all; what runs goes on.'
          : 'Go on after a pause.',
      examples: [order, `${order} build`],
    })
      .option('--json', 'print the answer as JSON')
      .action((run: string | undefined, _flags: unknown, command: Command) =>
        end(import('./orders.js').then(orders => orders[order](run, command.optsWithGlobals<JsonFlags>()))),
      );
  }
}

function declarePrune(root: Command): void {
  declare(root, {
    usage: 'prune [run...]',
    summary:
      'Remove finished runs for good: their folders, and what the journal says of them. Without a choice it lists them.',
    examples: [
      'prune --keep 20',
      'prune --keep 5 --older-than 30d --dry-run',
      'prune build-20260801-101500-k3xq',
    ],
  })
    .option('--keep <n>', 'all but the latest so many')
    .option('--older-than <duration>', 'those that ended longer ago, such as 12h or 30d')
    .option('--dry-run', 'say what would go, and leave it')
    .option('--json', 'print the runs as JSON')
    .action((runs: string[], _flags: unknown, command: Command) =>
      end(import('./prune.js').then(({ prune }) => prune(runs, command.optsWithGlobals<PruneFlags>()))),
    );
}

function declareLife(root: Command): void {
  declare(root, {
    usage: 'init',
    summary: 'Make the message bus, or whatever of it is missing.',
    examples: ['init', 'init --bus build/.message-bus'],
  })
    .option('--json', 'print the result as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./init.js').then(({ init }) => init(command.optsWithGlobals<JsonFlags>()))),
    );
  declare(root, {
    usage: 'up',
    summary: 'Hold the bus as its daemon, until `signalbox down` or an interrupt.',
    examples: ['up', 'up --detach --max-parallel 8'],
  })
    .option('--max-parallel <n>', 'tasks at once, over all runs')
    .option('--detach', 'go on in the background')
    .option('--json', 'print the result as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./up.js').then(({ up }) => up(command.optsWithGlobals<UpFlags>()))),
    );
  declare(root, {
    usage: 'down',
    summary: 'End the daemon: first what runs comes to its end, nothing new is started.',
    examples: ['down', 'down --now'],
  })
    .option('--now', 'cancel what runs')
    .option('--leave', 'end at once; workers go on with what they run')
    .option('--json', 'print the result as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./down.js').then(({ down }) => down(command.optsWithGlobals<DownFlags>()))),
    );
}
