import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeOrder, encodeOrder, type Order } from '../../bus-schema/assignment.js';
import { attemptIdSchema, runIdSchema, taskIdSchema, tokenSchema } from '../../bus-schema/ids.js';
import { workSchema } from '../../bus-schema/plan.js';

const REASONS = ['timeout', 'stalled', 'cancelled', 'stopped', 'reported', 'conflict', 'deadlock'] as const;

/** What the hand-written decoder stands for. */
const orderSchema: z.ZodType<Order> = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('start'),
    run: runIdSchema,
    task: taskIdSchema,
    attempt: attemptIdSchema,
    number: z.int().positive(),
    token: tokenSchema,
    work: workSchema,
    stage: z.enum(['review', 'fix']).exactOptional(),
    cwd: z.string(),
    files: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    timeoutMs: z.int(),
    output: z.string().exactOptional(),
    accept: z.string().exactOptional(),
    answer: z.enum(['result', 'verdict']).exactOptional(),
    settleGraceMs: z.int(),
    killGraceMs: z.int(),
    logCapBytes: z.int(),
  }),
  z.strictObject({
    do: z.literal('stop'),
    attempt: attemptIdSchema,
    reason: z.enum(REASONS),
    afterMs: z.int(),
  }),
  z.strictObject({ do: z.literal('retire') }),
]);

const count = fc.nat();
const attempt = fc.constantFrom('r1.1.1', 'build-2.14.3');
const start = fc.record(
  {
    do: fc.constant('start'),
    run: fc.constant('r1'),
    task: fc.constantFrom('1.1', 'compile'),
    attempt,
    number: fc.integer({ min: 1, max: 9 }),
    token: fc.constant('0123456789abcdef'.repeat(2)),
    work: fc.oneof(
      fc.record({ kind: fc.constant('shell'), command: fc.string({ minLength: 1 }) }),
      fc.record({
        kind: fc.constant('agent'),
        agent: fc.constant('claude'),
        argv: fc.array(fc.string(), { minLength: 1 }),
        prompt: fc.string({ unit: 'binary' }),
        promptBy: fc.constantFrom('argv', 'stdin'),
        env: fc.array(fc.string()),
      }),
    ),
    cwd: fc.string(),
    files: fc.array(fc.string()),
    env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string()),
    timeoutMs: count,
    output: fc.string(),
    accept: fc.string(),
    stage: fc.constantFrom('review', 'fix'),
    answer: fc.constantFrom('result', 'verdict'),
    settleGraceMs: count,
    killGraceMs: count,
    logCapBytes: count,
  },
  {
    requiredKeys: [
      'do',
      'run',
      'task',
      'attempt',
      'number',
      'token',
      'work',
      'cwd',
      'files',
      'env',
      'timeoutMs',
      'settleGraceMs',
      'killGraceMs',
      'logCapBytes',
    ],
  },
);
const stop = fc.record({
  do: fc.constant('stop'),
  attempt,
  reason: fc.constantFrom(...REASONS),
  afterMs: count,
});
const order = fc.oneof(start, stop, fc.constant({ do: 'retire' })).map(value => orderSchema.parse(value));

describe('orders to a worker', () => {
  test('each is one line, and comes back as it was', () => {
    fc.assert(
      fc.property(order, value => {
        const line = encodeOrder(value);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(decodeOrder(line)).toEqual(value);
        expect(orderSchema.parse(decodeOrder(line))).toEqual(value);
      }),
    );
  });

  const NEEDED = {
    start: ['do', 'run', 'task', 'attempt', 'token', 'work', 'cwd', 'timeoutMs'],
    stop: ['do', 'attempt', 'afterMs'],
    retire: ['do'],
  } as const;

  test('one that lacks what a worker goes by is thrown, as the schema would refuse it', () => {
    fc.assert(
      fc.property(order, fc.nat(), fc.constantFrom(undefined, false, [1]), (value, choice, instead) => {
        const needed = NEEDED[value.do];
        const broken = { ...value, [needed[choice % needed.length] ?? 'do']: instead };
        // An array is an object: the decoder looks no deeper into the work.
        fc.pre(!(Array.isArray(instead) && needed[choice % needed.length] === 'work'));
        expect(orderSchema.safeParse(broken).success).toBe(false);
        expect(() => decodeOrder(JSON.stringify(broken))).toThrow('Internal error');
      }),
    );
  });

  test.each(['null', '1', '"start"', '[]', '{}', '{"do":"jump"}'])('%s is no order', line => {
    expect(() => decodeOrder(line)).toThrow('Internal error');
  });

  test('a torn line is thrown', () => {
    expect(() => decodeOrder('{"do":"ret')).toThrow();
  });
});
