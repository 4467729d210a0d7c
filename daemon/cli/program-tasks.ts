import type { Command } from 'commander';
import { declare, end } from './declare.js';
import type { TaskFlags } from './task-events.js';

const TASK = 'the task (default: the one this runs in)';
const RUN = 'the run of the task, where several have one of that id';

/** Commands for use from within a task, or on behalf of one. */
export function declareTaskCommands(root: Command): void {
  declare(root, {
    usage: 'heartbeat',
    summary: 'Say that a task gets on.',
    examples: ['heartbeat', 'heartbeat --worker worker-1'],
  })
    .option('--worker <worker>', 'the worker (default: the one this runs on)')
    .option('--json', 'print what was done as JSON')
    .action((_flags: unknown, command: Command) =>
      end(import('./task-events.js').then(tell => tell.heartbeat(command.optsWithGlobals<TaskFlags>()))),
    );
  withTask(root, {
    usage: 'progress <percent> [text...]',
    summary: 'Say how far a task is.',
    examples: ['progress 40', 'progress 75 writing tests', 'progress 40 --task 1.2'],
  }).action((percent: string, text: string[], _flags: unknown, command: Command) =>
    end(
      import('./task-events.js').then(tell =>
        tell.progress(percent, text.join(' '), command.optsWithGlobals<TaskFlags>()),
      ),
    ),
  );
  withTask(root, {
    usage: 'complete [message...]',
    summary: 'Report a task as complete; a commit sha as message is kept with it.',
    examples: ['complete', 'complete $(git rev-parse HEAD)', 'complete --task 1.2'],
  }).action((message: string[], _flags: unknown, command: Command) =>
    end(
      import('./task-events.js').then(tell =>
        tell.complete(message.join(' '), command.optsWithGlobals<TaskFlags>()),
      ),
    ),
  );
  withTask(root, {
    usage: 'fail <message...>',
    summary: 'Report a task as failed, and why.',
    examples: ['fail the schema has changed', 'fail --task 1.2 "no such table"'],
  }).action((message: string[], _flags: unknown, command: Command) =>
    end(
      import('./task-events.js').then(tell =>
        tell.fail(message.join(' '), command.optsWithGlobals<TaskFlags>()),
      ),
    ),
  );
}

function withTask(root: Command, declaration: Parameters<typeof declare>[1]): Command {
  return declare(root, declaration)
    .option('--task <task>', TASK)
    .option('--run <run>', RUN)
    .option('--json', 'print what was done as JSON');
}
