import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../bus-schema/config.js';
import type { TaskId } from '../../../bus-schema/ids.js';
import type { AskedPlan, AskedTask, AskedWork, Plan } from '../../../bus-schema/plan.js';
import { parseRepoPath } from '../../../bus-schema/repo-path.js';
import { printPlan } from '../../../daemon/cli/print-plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { valueOf } from '../plan/said.js';

/** What the plan is resolved with, and read back with. */
const CONFIG: Config = {
  agents: {
    mine: { command: ['my-agent', '--model={model}', '-x', '{prompt}'], env: [] },
    piped: { command: ['other', '{prompt}'], env: ['KEY'] },
  },
  limits: { code: 3 },
  retries: 4,
};

/** Any text that can be an argument: of all of Unicode, of what YAML takes for something else, of many lines. */
const any = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).filter(text => !text.includes('\0')),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '\ud800',
          '\udc00',
          '\ufeff',
          '\u2028',
          '\u0085',
          '\u001b[0m',
          '\u202e',
          '\r',
          '\r\n',
          '\t',
          '\n',
          ' ',
        ],
        ...[
          '---',
          '...',
          '- ',
          ': ',
          ' #',
          '|',
          '>',
          '{',
          '}',
          '[',
          ']',
          ',',
          '&a',
          '*a',
          '!!str',
          '%',
          '@',
          '`',
          '<<',
        ],
        ...[
          '"',
          "'",
          '\\',
          '\\u0000',
          '$HOME',
          '{prompt}',
          '{model}',
          'null',
          '~',
          'yes',
          '0o7',
          '1.10',
          '1e3',
          '.inf',
        ],
      ),
      { maxLength: 8 },
    )
    .map(pieces => pieces.join('')),
  fc
    .tuple(fc.constantFrom('x', 'é\n', '  y', '🦀'), fc.integer({ min: 100, max: 3000 }))
    .map(([unit, count]) => unit.repeat(count)),
);
const some = any.filter(text => text !== '');
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const duration = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000_000 }),
  fc.constantFrom(1000, 60_000, 5_400_000),
);
const count = fc.integer({ min: 1, max: 1000 });
const retries = fc.integer({ min: 0, max: 100 });
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
const dictionary = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(
    key.filter(text => text !== '__proto__'),
    value,
    { maxKeys: 3, noNullPrototype: true },
  );
const path = some
  .map(text => parseRepoPath(text))
  .filter(parsed => parsed.ok)
  .map(parsed => parsed.value)
  // What is printed is read once more: a note in it would be a note again.
  .filter(text => {
    const again = parseRepoPath(text);
    return again.ok && again.value === text;
  });

const work: fc.Arbitrary<AskedWork> = fc.oneof(
  some.map((command): AskedWork => ({ kind: 'command', command })),
  fc.record({
    kind: fc.constant('agent' as const),
    agent: fc.constantFrom('claude', 'codex', 'gemini', 'opencode', 'mine', 'piped'),
    prompt: any,
    model: maybe(some),
  }),
);

const task = (name: string, index: number, earlier: readonly string[]): fc.Arbitrary<AskedTask> =>
  fc
    .record({
      title: any,
      type: maybe(some),
      files: fc.uniqueArray(path, { maxLength: 3 }),
      access: fc.constantFrom('write', 'read'),
      dependsOn: fc.subarray([...earlier]),
      priority: fc.constantFrom(0, 1, 2, 3),
      estimateMs: maybe(duration),
      output: maybe(some),
      accept: maybe(some),
      env: dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), any),
      work,
      timeoutMs: maybe(duration),
      retries: maybe(retries),
      review: maybe(fc.constant(true)),
      answers: maybe(fc.constant(true)),
    })
    .map(made => ({
      ...made,
      id: name as TaskId,
      dependsOn: made.dependsOn as TaskId[],
      done: false,
      wave: index,
    }));

const plan: fc.Arbitrary<AskedPlan> = fc
  .uniqueArray(id, { minLength: 1, maxLength: 6, selector: text => text.toLowerCase() })
  .chain(ids => fc.tuple(...ids.map((name, index) => task(name, index, ids.slice(0, index)))))
  .chain(tasks =>
    fc.record({
      format: fc.constant('native' as const),
      name: some,
      groups: fc.constant([]),
      limits: dictionary(some, count),
      // Each in a wave behind all before it, or none in any.
      tasks: fc
        .boolean()
        .map(numbered => tasks.map(({ wave, ...each }) => (numbered ? { ...each, wave } : each))),
      settings: fc.record({
        maxParallel: maybe(count),
        timeoutMs: maybe(duration),
        heartbeatTimeoutMs: maybe(duration),
        onFailure: maybe(fc.constantFrom('continue', 'stop', 'retry')),
        retries: maybe(retries),
        schedule: maybe(fc.constantFrom('dag', 'waves')),
        onConflict: maybe(fc.constantFrom('wait', 'abort')),
        outputDir: maybe(fc.constantFrom('out', 'out/', '/tmp/out', 'ö ü')),
      }),
    }),
  );

/** As JSON would keep it: an absent key and one that is `undefined` are the same. */
const plain = (resolved: Plan): unknown => JSON.parse(JSON.stringify(resolved));

describe('plan → YAML → plan', () => {
  test('whatever a plan of ours says, its YAML says the same, and the YAML of that is the same text', () => {
    fc.assert(
      fc.property(plan, asked => {
        const resolved = valueOf(resolvePlan(asked, {}, CONFIG));
        const text = printPlan(resolved, 'yaml', CONFIG);
        // As it would be piped: what is written to a file is UTF-8.
        const read = valueOf(readPlan({ text: Buffer.from(text).toString(), file: '-' }));
        expect(read.warnings).toEqual([]);
        const again = valueOf(resolvePlan(read.plan, {}, CONFIG));
        expect(plain(again)).toEqual(plain(resolved));
        expect(printPlan(again, 'yaml', CONFIG)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
