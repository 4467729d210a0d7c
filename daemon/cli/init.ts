import { createBus } from '../bus/open-bus.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { existingPlace, placeOf } from './place.js';
import { out, outJson, refuse } from './terminal.js';

/** `signalbox init`: makes what is missing of the bus, and says where it is. */
export function init(flags: JsonFlags): Promise<number> {
  const place = placeOf(flags);
  if (!place.ok) return Promise.resolve(refuse([place.error]));
  const { bus, repo } = place.value;
  const before = existingPlace(flags).ok;
  const made = createBus(bus);
  if (!made.ok) return Promise.resolve(refuse([made.error]));
  if (flags.json === true) outJson({ bus, repo, created: !before });
  else out(`${before ? 'there is a message bus at' : 'made a message bus at'} ${bus}\n`);
  return Promise.resolve(EXIT.complete);
}
