import { ask } from './ask.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { tell } from './orders.js';
import { existingPlace } from './place.js';
import { lookAt } from './sight.js';
import { daemonSign } from './sign.js';
import { complain, err, out, outJson, refuse } from './terminal.js';
import type { BusPlace } from '../bus/open-bus.js';

export interface DownFlags extends JsonFlags {
  readonly now?: boolean;
  readonly leave?: boolean;
}

const LOOK_EACH_MS = 100;
/** Reading the journal costs more than looking whether the daemon is there. */
const SAY_EACH_MS = 2000;

/** `signalbox down`: asks the daemon to end, and waits until it has. */
export async function down(flags: DownFlags): Promise<number> {
  if (flags.now === true && flags.leave === true) {
    complain('--now ends what runs and --leave lets it run on; give one of them');
    return EXIT.usage;
  }
  const place = existingPlace(flags);
  if (!place.ok) return refuse([place.error]);
  const { bus } = place.value;
  const mode = flags.now === true ? 'cancel' : flags.leave === true ? 'leave' : 'drain';
  const answer = await ask(bus, { do: 'stop', mode });
  if (!answer.ok) return tell(answer, flags);
  await untilGone(place.value);
  if (flags.json === true) outJson({ ok: true, bus, mode });
  else out('the daemon has ended\n');
  return EXIT.complete;
}

async function untilGone(place: BusPlace): Promise<void> {
  let said = '';
  let sayAt = 0;
  while (daemonSign(place.bus).up) {
    if (performance.now() >= sayAt) {
      const line = whatRuns(place);
      if (line !== said) err(line);
      said = line;
      sayAt = performance.now() + SAY_EACH_MS;
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_EACH_MS));
  }
}

function whatRuns(place: BusPlace): string {
  const sight = lookAt(place);
  const tasks = sight.ok ? [...sight.value.state.attempts.values()].map(({ node }) => node.task.id) : [];
  if (tasks.length === 0) return 'waiting for the daemon to end';
  const named = tasks.slice(0, 5).join(', ');
  const more = tasks.length > 5 ? ` and ${tasks.length - 5} more` : '';
  return `waiting for ${named}${more} to end`;
}
