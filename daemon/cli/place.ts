import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { layout } from '../../bus-schema/layout.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { checkBus, findBus, type BusPlace } from '../bus/open-bus.js';
import type { BusFlags } from './flags.js';

/** The bus that a command means, whether it is there yet or not; one that may not be used is refused. */
export function placeOf(flags: BusFlags): Result<BusPlace, Diagnostic> {
  const place = findBus(process.cwd(), flags.bus);
  const checked = checkBus(place.bus);
  return checked.ok ? ok(place) : checked;
}

/** The bus of a command that has nothing to do without one. */
export function existingPlace(flags: BusFlags): Result<BusPlace, Diagnostic> {
  const place = placeOf(flags);
  if (!place.ok) return place;
  const { bus } = place.value;
  if ([layout.events, layout.journal, layout.staging].every(folder => existsSync(join(bus, folder))))
    return place;
  return fail({
    severity: 'error',
    file: bus,
    message: place.value.exists ? 'this is no message bus' : 'there is no message bus',
    remedy:
      flags.bus === undefined
        ? 'Make one with `signalbox init`, or name one with --bus'
        : `Make one with \`signalbox init --bus ${flags.bus}\``,
  });
}
