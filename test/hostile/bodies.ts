import { DROP_LIMIT_BYTES } from '../../bus-schema/store/read-file.js';
import { DEEP, POLLUTION } from './rig.js';

const ALMOST = DROP_LIMIT_BYTES - 200;

/** Bodies of events that mean nothing, or are made to cost their reader time. */
export const HOSTILE_BODIES: readonly (readonly [string, string | Buffer])[] = [
  ['nothing', ''],
  ['bytes', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
  ['zeros', Buffer.alloc(200_000)],
  ['a byte order mark', '\ufeff{"payload":{"progress_pct":50}}'],
  ['a hundred thousand brackets', DEEP],
  ['objects in objects', '{"a":'.repeat(40_000)],
  ['numbers without end', `{"payload":{"progress_pct":1e400,"token":${'9'.repeat(100_000)}}}`],
  ['one long string', `{"payload":{"error":"${'\\u00e9'.repeat(ALMOST / 6)}"}}`],
  [
    'thousands of keys',
    `{"payload":{${Array.from({ length: 25_000 }, (_, index) => `"${index}":0`).join()},"a":1}}`,
  ],
  [
    'the same key many times',
    `{"payload":{"progress_pct":1},${'"payload":{"progress_pct":101},'.repeat(1000)}"a":1}`,
  ],
  ['lists of lists', `{"payload":{"error":[${'[[[]]],'.repeat(ALMOST / 8)}0]}}`],
  ['more than may be', `{"payload":{"error":"${'x'.repeat(DROP_LIMIT_BYTES)}"}}`],
  ['half of a message', '{"payload":{"error":"a'],
  ['keys of every object', POLLUTION],
  ['an outcome without a token', '{"payload":{"outcome":{"kind":"complete"},"exit":{"code":0}}}'],
  ['a token that is another’s', `{"payload":{"token":"${'0'.repeat(32)}","outcome":{"kind":"complete"}}}`],
  ['fields of other kinds', '{"payload":{"token":{},"attempt_id":[],"error":1,"progress_pct":"x"}}'],
];
