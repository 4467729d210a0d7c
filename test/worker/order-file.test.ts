import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeOrder, type Order } from '../../bus-schema/assignment.js';
import { until } from '../until.js';

const noWatches = jest.fn(() => {
  throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), {
    code: 'ENOSPC',
  });
});
jest.unstable_mockModule('node:fs', () => ({ ...fs, watch: noWatches }));
const { OrderFile } = await import('../../worker/order-file.js');

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'signalbox-orders-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('orders are found also where the system can watch no more files', async () => {
  const path = join(folder, 'assignments');
  const taken: Order[] = [];
  const file = new OrderFile(path, order => taken.push(order));
  try {
    fs.appendFileSync(path, encodeOrder({ do: 'retire' }));
    expect(taken).toEqual([]);
    await until(() => taken.length > 0);
    expect(taken).toEqual([{ do: 'retire' }]);
    expect(noWatches).toHaveBeenCalledTimes(1);
  } finally {
    file.close();
  }
});
