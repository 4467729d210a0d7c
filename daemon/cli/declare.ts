import type { Command } from 'commander';

/** What every command says of itself. */
export interface Declaration {
  /** Name and arguments, such as `cancel <run> [task]`. */
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly [string, ...string[]];
}

/** A subcommand with what all of them have: the bus, help with examples, hints after mistakes. */
export function declare(root: Command, { usage, summary, examples }: Declaration): Command {
  const command = root.command(usage).description(summary);
  return command
    .option('--bus <dir>', 'the message bus (default: the nearest .message-bus upwards)')
    .showHelpAfterError(`(signalbox ${helpFor(root, command.name())} says more)`)
    .addHelpText('after', ['', 'Examples:', ...examples.map(example => `  signalbox ${example}`)].join('\n'));
}

/** A command ends with the code it answers. The process itself ends when nothing is left to do. */
export async function end(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** Of a command below another, that one has the help. */
function helpFor(root: Command, name: string): string {
  return root.parent === null ? `help ${name}` : `${root.name()} help ${name}`;
}
