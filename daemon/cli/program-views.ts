import type { Command } from 'commander';
import { declare, end } from './declare.js';
import type { ExplainFlags } from './explain.js';
import type { JsonFlags } from './flags.js';
import type { LogsFlags } from './logs.js';
import type { StatusFlags } from './status.js';
import type { TailFlags } from './tail.js';

/** Commands that read the bus, with or without a daemon, and change nothing. */
export function declareViewCommands(root: Command): void {
  declare(root, {
    usage: 'status [run]',
    summary: 'Show what runs, what is left and what waits for what.',
    examples: ['status', 'status build --json', 'status --watch'],
  })
    .option('--watch', 'show it again whenever it changes')
    .option('--json', 'print it as JSON; with --watch, one line each time')
    .action((run: string | undefined, _flags: unknown, command: Command) =>
      end(import('./status.js').then(({ status }) => status(run, command.optsWithGlobals<StatusFlags>()))),
    );
  declare(root, {
    usage: 'explain <task>',
    summary: 'Say why a task is where it is: what it waits for, or how it ended.',
    examples: ['explain 1.2', 'explain test --run build'],
  })
    .option('--run <run>', 'the run (default: the latest that has such a task)')
    .option('--json', 'print it as JSON')
    .action((task: string, _flags: unknown, command: Command) =>
      end(
        import('./explain.js').then(({ explain }) => explain(task, command.optsWithGlobals<ExplainFlags>())),
      ),
    );
  declare(root, {
    usage: 'logs <task>',
    summary: "Print the output of a task's attempt, as the task wrote it.",
    examples: ['logs 1.2', 'logs test --attempt 1', 'logs 1.2 -f'],
  })
    .option('--run <run>', 'the run (default: the latest that has such a task)')
    .option('--attempt <n>', 'which attempt, from 1 (default: the latest)')
    .option('-f, --follow', 'go on with what comes, until the attempt has ended')
    .option('--json', 'print it as JSON; with -f, a line for each piece')
    .action((task: string, _flags: unknown, command: Command) =>
      end(import('./logs.js').then(({ logs }) => logs(task, command.optsWithGlobals<LogsFlags>()))),
    );
  declareFeedCommands(root);
}

function declareFeedCommands(root: Command): void {
  declare(root, {
    usage: 'tail',
    summary: "Print the bus's messages, the last ones and those that come.",
    examples: ['tail', 'tail -n 100 --no-follow', 'tail --json | jq .type'],
  })
    .option('-n, --lines <n>', 'begin with the last so many', '10')
    .option('--no-follow', 'end after the last one')
    .option('--json', 'print the messages as JSON lines')
    .action((_flags: unknown, command: Command) =>
      end(import('./tail.js').then(({ tail }) => tail(command.optsWithGlobals<TailFlags>()))),
    );
  declare(root, {
    usage: 'report [run]',
    summary: 'Print how a run ended (default: the latest that has).',
    examples: ['report', 'report build --json'],
  })
    .option('--json', 'print it as JSON')
    .action((run: string | undefined, _flags: unknown, command: Command) =>
      end(import('./report.js').then(({ report }) => report(run, command.optsWithGlobals<JsonFlags>()))),
    );
  declare(root, {
    usage: 'doctor',
    summary: 'Look whether this machine and this bus are in order, and say what to do where not.',
    examples: ['doctor', 'doctor --json'],
  })
    .option('--json', 'print it as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./doctor.js').then(({ doctor }) => doctor(command.optsWithGlobals<JsonFlags>()))),
    );
}
