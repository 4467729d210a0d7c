import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Diagnostic } from '../../../bus-schema/diagnostic.js';
import type { PlanFormat } from '../../../bus-schema/plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { NOISE } from './long-texts.js';

const PLANS: Readonly<Record<string, readonly [PlanFormat, string]>> = {
  'a DAG': [
    'conductor',
    '# Plan\n\n- [x] Task 1.1: a\n\n- x\n  ```yaml\n  dag:\n    nodes:\n      - id: "1.1"\n        name: First\n        files: ["a.ts:4-5", "b/**"]\n        estimated_duration: 1h 30m\n      - {id: "1.2", depends_on: ["1.1"]}\n    parallel_groups: [{id: p, tasks: ["1.1", "1.2"], conflict_free: true}]\n  ```\n',
  ],
  'tasks in Markdown': [
    'conductor',
    '# Plan\n\n- [ ] Task 1.1: Lay <!-- deps: none, parallel: pg-1 -->\n  - **Files**: `a.ts:1-2`, `b.py (new)`\n  - [ ] a step\n### Task 1.2: Plank [x]\n**Files:**\n- Modify: `src/a.ts`\n\n- **Depends on**: 1.1–1.1, Task 1.1 (all of it)\n\n## Fix Phase (Cycle 1)\n- [ ] Fix 1: it <!-- abc1234 -->\n',
  ],
  'agents to dispatch': [
    'dispatch',
    'name: reviews\ntasks:\n  - id: a\n    agent: critic\n    prompt: |\n      Look at\n      it\n    output: a.md\n  - {id: b, agent: writer, prompt: sum up, dependencies: [a], output: out/}\nsettings: {max_parallel: 3, timeout_per_task: 300000, on_failure: retry}\n',
  ],
  'a wave': [
    'wave',
    '---\nwave: 2\ntasks:\n  - taskId: a\n    description: Do it\n    targetFiles: [src/a.ts]\n    needsCodexReview: true\n  - {taskId: b, dependencies: [a], instructions: then that}\n---\n# Wave\n',
  ],
  'a wave in sections': [
    'wave',
    '# Plan\n\n### Task 1: First\n- **Complexity:** easy\n- **Files:** `src/a.ts`\n- **Dependencies:** none\n\n### Task 2: Second\n- **Complexity:** hard\n- **Dependencies:** Task 1\n',
  ],
  'a tasks file': [
    'orchestrate',
    '# Tasks: it\nGenerated: today\n## P0 Critical\n### T001: First\n**Files**: src/a.ts:12, `b.ts:4-5`\n**Depends**: none\n**Success**: it works\n- [ ] step\n## P1 High\n### T002: Second\n*Depends on: [T001]*\n### T003: Third\n## Dependencies\nT001 → T002\nT003 blocks T002\nT001 ──> T003\n',
  ],
  'our own YAML': [
    'native',
    'signalbox: 1\nname: &n build\nlimits: {code: 2}\ntasks:\n  - {id: a, command: "x \\u00e9", files: [src/, \'b c\'], env: {A: "1"}}\n  - id: b\n    prompt: |\n      several\n      lines\n    agent: claude\n    depends_on: [a]\n    timeout: 1h\n    title: *n\n',
  ],
  'our own JSON': [
    'native',
    '{"signalbox": 1,\n "tasks": [{"id": "a", "command": "x"},\n  {"id": "b", "prompt": "y", "depends_on": ["a"], "env": {"A": "\\ud83d\\ude00"}}]}\n',
  ],
};
const TEXTS = Object.values(PLANS).map(([, text]) => text);
const FORMATS = ['conductor', 'dispatch', 'wave', 'orchestrate', 'native'] as const satisfies PlanFormat[];

/** Reads a text, and holds all that is said of it against the text. */
function read(text: string, format?: PlanFormat): void {
  const result = readPlan({ text, file: 'the-file', ...(format === undefined ? {} : { format }) });
  const said = result.ok ? result.value.warnings : result.error;
  if (!result.ok) expect(said.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0);
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const each of said) {
    const faults = faultsOf(each, lines);
    if (faults.length > 0) throw new Error(`${JSON.stringify(each)}: ${faults.join(', ')}`);
  }
}

/** What a person could not make sense of. */
function faultsOf({ file, message, remedy, line, column }: Diagnostic, lines: readonly string[]): string[] {
  const faults: string[] = [];
  if (file !== 'the-file') faults.push('another file');
  if (message.trim() === '') faults.push('no message');
  if (message.length > 1000 || (remedy ?? '').length > 1000) faults.push('too long');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(`${message}${remedy ?? ''}`)) faults.push('not printable');
  if (column !== undefined && line === undefined) faults.push('a column without a line');
  const there = line === undefined ? '' : lines[line - 1];
  if (there === undefined) faults.push('a line that is not there');
  // A place may be the line's end, where something is missing.
  else if (column !== undefined && (column < 1 || column > there.length + 1)) faults.push('no such column');
  return faults;
}

test.each(Object.entries(PLANS))('%s is a plan', (_name, [format, text]) => {
  const result = readPlan({ text, file: 'the-file' });
  expect(result.ok ? result.value.plan.format : result.error).toBe(format);
});

const splinter = fc.oneof(
  fc.constantFrom(
    ...[
      '```',
      '~~~',
      '- ',
      '\n',
      '  ',
      ': ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&n',
      '*n',
      '!!',
      '|',
      '\t',
      '\r',
    ],
    ...[
      '#',
      '---\n',
      '...\n',
      '? ',
      '<<: ',
      '\u0000',
      'null',
      '1.10',
      '<!--',
      '-->',
      '- [ ] ',
      '### Task 1: ',
      '`',
    ],
    ...[
      '__proto__: ',
      '"__proto__":',
      'constructor',
      '\ud800',
      '\u2028',
      '\ufeff',
      '\u001b[31m',
      '→',
      '(',
      '–',
      'T001',
    ],
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc
    .tuple(fc.constantFrom('[', '{a: ', '- ', '> ', '(', '  '), fc.integer({ min: 50, max: 400 }))
    .map(([unit, count]) => unit.repeat(count)),
);

type Damage = (text: string) => string;
const atOffset = fc.tuple(fc.nat(), fc.nat(8), splinter).map(([where, length, put]): Damage => text => {
  const at = where % (text.length + 1);
  return text.slice(0, at) + put + text.slice(at + length);
});
const cutOff = fc.nat().map(
  (where): Damage =>
    text =>
      text.slice(0, where % (text.length + 1)),
);
/** Lines left out, doubled, moved, deepened, or brought in from another plan. */
const ofLines = fc
  .tuple(fc.constantFrom('drop', 'double', 'swap', 'indent', 'splice', 'repeat'), fc.nat(), fc.nat())
  .map(([what, one, other]): Damage => text => {
    const lines = text.split('\n');
    const [i, j] = [one % lines.length, other % lines.length];
    const [here = '', there = ''] = [lines[i], lines[j]];
    const donor = (TEXTS[other % TEXTS.length] ?? '').split('\n');
    if (what === 'drop') lines.splice(i, 1);
    else if (what === 'double') lines.splice(i, 0, here);
    else if (what === 'swap') [lines[i], lines[j]] = [there, here];
    else if (what === 'indent') lines[i] = ' '.repeat(1 + (other % 9)) + here;
    else if (what === 'splice') lines.splice(i, 1, ...donor.slice(one % donor.length));
    // Damage upon damage must not come to more than a string can hold.
    else lines[i] = here.slice(0, 2000).repeat(1 + (other % 300));
    return lines.join('\n');
  });
const lineEnds = fc.constantFrom('\r\n', '\r', '\n\n').map(
  (end): Damage =>
    text =>
      text.replaceAll('\n', end),
);
const damages = fc.array(fc.oneof(atOffset, atOffset, cutOff, ofLines, ofLines, lineEnds), {
  minLength: 1,
  maxLength: 6,
});

describe('no text is too odd: it is read or refused, and whatever is said of it has its place in it', () => {
  test.each(Object.entries(PLANS))('%s, damaged', (_name, [format, whole]) => {
    fc.assert(
      fc.property(damages, done => {
        const text = done.reduce((damaged, damage) => damage(damaged), whole);
        read(text);
        read(text, format);
      }),
      { numRuns: 300 },
    );
  });

  test('any text, as any format', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(splinter, { maxLength: 30 }).map(pieces => pieces.join('')),
      fc
        .array(fc.constantFrom(...TEXTS.flatMap(text => text.split('\n'))), { maxLength: 30 })
        .map(lines => lines.join('\n')),
    );
    fc.assert(
      fc.property(any, fc.constantFrom(undefined, ...FORMATS), (text, format) => {
        read(text, format);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a long text made to hurt is read in a time that grows with its length only', () => {
  const LENGTH = 256 * 1024;
  // A fraction of a second to some; with the square of the length it would be minutes. All of it is measured by a bench.
  test.each(NOISE.map(noise => [noise.name, noise] as const))('%s', (_name, { text, aims }) => {
    const whole = text(LENGTH);
    read(whole);
    // Both of these parse YAML first, and do the same with it.
    for (const format of aims) if (format !== 'dispatch') read(whole, format);
  });

  test.each<[string, PlanFormat, string]>([
    [
      'dependencies',
      'native',
      `{"signalbox":1,"tasks":[{"id":"a","depends_on":["b"${',"b"'.repeat(200_000)}]}]}`,
    ],
    ['tasks of one id', 'conductor', '- [ ] Task 1: a\n'.repeat(80_000)],
    ['lists of files', 'conductor', `- [ ] Task 1: a <!-- ${'deps: 1, '.repeat(150_000)} -->\n`],
  ])('hundreds of thousands of wrong %s are counted', (_name, format, text) => {
    read(text, format);
  });
});
