import { linkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { layout } from '../../../bus-schema/layout.js';
import { DropBox } from '../../../daemon/bus/drop-box.js';
import type { EventDrop } from '../../../daemon/bus/drop-source.js';
import { Quarantine } from '../../../daemon/bus/quarantine.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

let place: ReturnType<typeof freshBus>;
let box: DropBox;
beforeEach(() => {
  place = freshBus();
  box = new DropBox(place.bus, new Quarantine(place.bus), () => undefined);
});
afterEach(() => {
  box.close();
  place.remove();
});

/** An event whose first name is another. */
function linked(from: string): EventDrop[] {
  writeFileSync(from, 'PASS');
  linkSync(from, join(place.bus, layout.events, 'TASK_COMPLETE_1.event'));
  box.scan();
  return box.collect();
}

describe('an event with a second name', () => {
  test('in staging, which a dead writer never removes, is whole', () => {
    const staging = join(place.bus, layout.staging);
    writeFileSync(join(staging, 'another'), '');
    expect(linked(join(staging, 'made'))).toMatchObject([{ text: 'PASS' }]);
  });

  test('elsewhere is looked at again until that is gone', async () => {
    const elsewhere = join(place.repo, 'made');
    expect(linked(elsewhere)).toEqual([]);
    unlinkSync(elsewhere);
    expect(await until(() => box.collect()[0])).toMatchObject({ text: 'PASS' });
  });
});
