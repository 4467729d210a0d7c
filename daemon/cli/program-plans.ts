import type { Command } from 'commander';
import { declare, end } from './declare.js';
import type { RunFlags } from './flags.js';
import type { PlanFlags } from './plan.js';

const INPUT = 'path of a plan, id of a track under conductor/tracks/, or - for standard input';

/** Commands that take a plan: run, submit, plan. */
export function declarePlanCommands(root: Command): void {
  const run = declare(root, {
    usage: 'run',
    summary: 'Run a plan to its end. An unfinished run of the same plan goes on.',
    examples: [
      'run plan.yaml',
      'run word-atlas_20261121 --max-parallel 8 --timeout 10m',
      'run - < plan.json',
    ],
  });
  run.argument('[input]', INPUT);
  withRunOptions(run)
    .option('--dry-run', 'show what would be run, and start nothing')
    .action((input: string | undefined, _flags: unknown, command: Command) =>
      end(import('./run.js').then(({ run }) => run(input, command.optsWithGlobals<RunFlags>()))),
    );

  const submit = declare(root, {
    usage: 'submit',
    summary: 'Give a plan to the daemon that holds the bus, and print the id of its run.',
    examples: ['submit plan.yaml', 'submit word-atlas_20261121 --on-failure stop --json'],
  });
  submit.argument('<input>', INPUT);
  withRunOptions(submit)
    .option('--dry-run', 'show what would be run, and submit nothing')
    .action((input: string, _flags: unknown, command: Command) =>
      end(import('./submit.js').then(({ submit }) => submit(input, command.optsWithGlobals<RunFlags>()))),
    );

  const plan = declare(root, {
    usage: 'plan',
    summary: 'Read a plan and show it: waves, critical path, locks. Starts nothing.',
    examples: ['plan plan.md', 'plan word-atlas_20261121 --as mermaid', 'plan plan.md --as yaml > plan.yaml'],
  });
  plan.argument('<input>', INPUT);
  withRunOptions(plan)
    .option('--as <form>', 'text, json, yaml (our own format) or mermaid')
    .action((input: string, _flags: unknown, command: Command) =>
      end(import('./plan.js').then(({ plan }) => plan(input, command.optsWithGlobals<PlanFlags>()))),
    );
}

function withRunOptions(command: Command): Command {
  return command
    .option('--max-parallel <n>', 'tasks at once')
    .option('--workers <n>', 'the same as --max-parallel')
    .option('--timeout <duration>', 'longest time for an attempt: 30m, 90s, 1500ms, or milliseconds')
    .option('--on-failure <what>', 'continue, stop or retry when a task fails')
    .option(
      '--schedule <how>',
      'dag: a task starts when it can, and priority is only an order; waves: when the wave (in a tasks file, the priority) before it has ended',
    )
    .option('--output <dir>', 'folder for the output of tasks')
    .option('--agent <name>', 'agent for every task that has no command')
    .option('--command <command>', 'shell command for every task, whatever the plan says')
    .option('--fresh', 'run also what the plan marks as done')
    .option('--no-tick', "leave the plan file's boxes alone")
    .option(
      '--format <format>',
      'conductor, dispatch, wave, orchestrate or native; detected where it is not given',
    )
    .option('--json', 'print the result as JSON');
}
