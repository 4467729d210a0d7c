import { Command } from 'commander';
import { ownVersion } from '../../bus-schema/store/own-version.js';
import { declareDaemonCommands } from './program-daemon.js';
import { declareLockCommands } from './program-locks.js';
import { declarePlanCommands } from './program-plans.js';
import { declareTaskCommands } from './program-tasks.js';
import { declareViewCommands } from './program-views.js';

const AFTER = `
Exit codes: 0 all tasks complete; 1 some task failed or was skipped; 2 bad usage or input, nothing started;
3 stopped or cancelled; 70 internal error; 75 another daemon holds the bus.

Examples:
  signalbox run plan.yaml
  signalbox status --watch
  signalbox help run`;

/** The whole command line. What a command does is loaded when it is called: each start pays for itself alone. */
export function program(): Command {
  const root = new Command('signalbox')
    .description('Runs a plan of dependent tasks on worker processes, through a message bus of plain files.')
    .version(ownVersion())
    .option('--bus <dir>', 'the message bus (default: the nearest .message-bus upwards)')
    .addHelpText('after', AFTER)
    .showHelpAfterError('(signalbox help says more)')
    .exitOverride();
  declarePlanCommands(root);
  declareDaemonCommands(root);
  declareViewCommands(root);
  declareTaskCommands(root);
  declareLockCommands(root);
  return root;
}
