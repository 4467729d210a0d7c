import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outcomeSchema, type Outcome, type Verdict } from '../../bus-schema/outcome.js';
import { outcomeOfAnswer } from '../../worker/answer.js';

const COMPLETE = { kind: 'complete' } as const;

/** What comes out is held against the schema, which the worker has not loaded. */
function heard(answer: 'result' | 'verdict', output: string): Outcome {
  const outcome = outcomeOfAnswer(answer, output, COMPLETE);
  expect(outcomeSchema.parse(outcome)).toEqual(outcome);
  return outcome;
}

const result = (output: string): Outcome => heard('result', output);
const completed = (summary: string): object => ({ kind: 'complete', summary });
const failed = (message: string): object => ({ kind: 'failed', reason: 'reported', message });

describe('a task’s result', () => {
  const DONE =
    '{"taskId":"task-1","status":"completed","summary":"Added login","filesModified":[],"errors":[]}';

  test.each([
    ['alone', DONE],
    ['in a fence, with prose around it', `I did it. {not json}\n\n\`\`\`json\n${DONE}\n\`\`\`\nBye!`],
    ['in colours', `\u001b[32m${DONE}\u001b[0m\u001b]0;title\u0007`],
    ['with the colours within', DONE.replace('"status"', '\u001b[1m"status"\u001b[0m')],
    [
      'as the text of a wrapping object',
      JSON.stringify({ type: 'result', result: `Here:\n${DONE}`, cost: 1 }),
    ],
    ['as an object within it', `{"type":"result","result":${DONE}}`],
    ['in the last of many lines of JSON', `{"type":"system"}\n${JSON.stringify({ result: DONE })}\n`],
    ['after an earlier one', `{"status":"failed","error":"first"}\n${DONE}`],
    ['before an object of another kind', `${DONE}\n{"tokens":17}`],
    ['in the case of its letters', DONE.replace('completed', 'Completed')],
    ['after the torn half of another', `{"taskId":"task-1","status":"fai\n${DONE}`],
  ])('%s', (_what, output) => {
    expect(result(output)).toEqual(completed('Added login'));
  });

  test.each([
    ['its error', '{"status":"failed","error":"no such table","summary":"x"}', 'no such table'],
    ['its errors together', '{"status":"failed","errors":["one","two"]}', 'one; two'],
    ['errors that are no texts', '{"status":"failed","errors":[{"code":7}]}', '{"code":7}'],
    ['its summary where there is no error', '{"status":"failed","error":"","summary":"gave up"}', 'gave up'],
    ['that it says nothing', '{"status":"failed"}', 'it says that it failed, and not why'],
  ])('a failure is told with %s', (_what, output, message) => {
    expect(result(output)).toEqual(failed(message));
  });

  test.each([
    [
      '{"status":"needs_context","needsContext":true,"reason":"Which user?","requestedFiles":["a.ts","b.ts"]}',
      'needs context: Which user?; asked for: a.ts, b.ts',
    ],
    ['{"status":"needs_context"}', 'needs context'],
    ['{"needsContext":true,"requestedFiles":["a.ts"]}', 'needs context; asked for: a.ts'],
  ])('%s is a failure', (output, message) => {
    expect(result(output)).toEqual(failed(message));
  });

  test('a summary is one visible line of at most 500 characters', () => {
    expect(result(JSON.stringify({ status: 'completed', summary: ' a\n\tb \u001b[1m ' }))).toEqual(
      completed('a b \\x1b[1m'),
    );
    const long = result(JSON.stringify({ status: 'completed', summary: 'x'.repeat(501) }));
    expect(long).toEqual(completed(`${'x'.repeat(489)}[TRUNCATED]`));
    const exact = 'x'.repeat(500);
    expect(result(JSON.stringify({ status: 'completed', summary: exact }))).toEqual(completed(exact));
    expect(result(JSON.stringify({ status: 'completed', summary: '😀'.repeat(300) }))).toEqual(
      completed(`${'😀'.repeat(244)}[TRUNCATED]`),
    );
  });

  test('without an answer, the last words of the output are the summary', () => {
    expect(result('one\n\n  two \r\nthree\n\n')).toEqual(completed('one two three'));
    expect(result(`${'x'.repeat(400)}\n${'y'.repeat(99)}\nend`)).toEqual(completed(`${'y'.repeat(99)} end`));
    expect(result('y'.repeat(600))).toEqual(completed(`${'y'.repeat(489)}[TRUNCATED]`));
    expect(result('{"status":"great"}')).toEqual(completed('{"status":"great"}'));
    expect(result(JSON.stringify({ type: 'result', result: 'All\ngood' }))).toEqual(completed('All good'));
    for (const empty of ['', ' \n\r\n', '\u001b[0m\n']) expect(result(empty)).toEqual(COMPLETE);
    expect(result('{"status":"completed"}')).toEqual(COMPLETE);
  });

  test('what the attempt was warned of stays', () => {
    expect(outcomeOfAnswer('result', DONE, { kind: 'complete', warning: 'late', commit: 'abc1234' })).toEqual(
      {
        ...completed('Added login'),
        warning: 'late',
        commit: 'abc1234',
      },
    );
  });
});

describe('a reviewer’s verdict', () => {
  function verdict(given: object | string): Verdict {
    const outcome = heard('verdict', typeof given === 'string' ? given : JSON.stringify(given));
    if (outcome.kind !== 'complete' || outcome.verdict === undefined)
      throw new Error(`no verdict: ${JSON.stringify(outcome)}`);
    return outcome.verdict;
  }

  test('approved', () => {
    expect(verdict({ status: 'approved', issues: [], filesReviewed: ['a.ts'], summary: 'Fine' })).toEqual({
      approved: true,
      summary: 'Fine',
      issues: [],
    });
    expect(verdict('Looks good.\n```\n{"status":"APPROVED"}\n```')).toMatchObject({
      approved: true,
      issues: [],
    });
  });

  test.each(['needs_fixes', 'needs_revision', 'blocked', 'NEEDS_FIXES'])(
    '%s, with places of all kinds',
    status => {
      const issues = [
        { severity: 'HIGH', location: 'src/a.ts:3:1', issue: 'Leaks', suggestion: 'Close it' },
        { severity: 'medium', file: 'src/b.ts', line: 7, issue: 'Slow' },
        { severity: 'Low', file: 'src/c.ts', issue: 'Long' },
        { severity: 'LOW', category: 'naming', issue: 'Odd', suggestion: '' },
        { severity: 'low', issue: 'Somewhere' },
      ];
      expect(verdict({ status, issues, summary: 'Not yet' })).toEqual({
        approved: false,
        summary: 'Not yet',
        issues: [
          { severity: 'high', location: 'src/a.ts:3:1', issue: 'Leaks', suggestion: 'Close it' },
          { severity: 'medium', location: 'src/b.ts:7', issue: 'Slow' },
          { severity: 'low', location: 'src/c.ts', issue: 'Long' },
          { severity: 'low', location: 'naming', issue: 'Odd' },
          { severity: 'low', location: '', issue: 'Somewhere' },
        ],
      });
    },
  );

  test('an issue that is not ranked as known counts as high', () => {
    const issues = [{ severity: 'CRITICAL', location: 'a', issue: 'x' }, { issue: 'y' }];
    expect(verdict({ status: 'needs_fixes', issues }).issues.map(({ severity }) => severity)).toEqual([
      'high',
      'high',
    ]);
  });

  test('a refusal without issues has its summary for one', () => {
    expect(verdict({ status: 'blocked', summary: 'No tests at all', issues: [] }).issues).toEqual([
      { severity: 'high', location: '', issue: 'No tests at all' },
    ]);
  });

  test('an approval may leave remarks', () => {
    const issues = [{ severity: 'LOW', location: 'a', issue: 'x' }];
    expect(verdict({ status: 'approved', issues })).toMatchObject({
      approved: true,
      issues: [{ issue: 'x' }],
    });
  });

  test('the last one counts, even if it cannot be read', () => {
    const [yes, no] = ['{"status":"approved"}', '{"status":"needs_fixes","issues":[{"severity":"HIGH"}]}'];
    expect(verdict(`${no}\n${yes}`).approved).toBe(true);
    expect(heard('verdict', `${yes}\n${no}`)).toMatchObject({
      kind: 'failed',
      reason: 'no-verdict',
      message: expect.stringContaining('issue 1 of its 1 does not say what is wrong'),
    });
  });

  test.each([
    ['', 'printed no verdict'],
    ['Looks good to me!', 'printed no verdict'],
    ['{"status":"completed","summary":"reviewed"}', 'printed no verdict'],
    ['{"status":"approved"', 'printed no verdict'],
    ['{"status":"approved","issues":"none"}', 'its "issues" is not a list'],
    ['{"status":"needs_fixes","issues":["fix it"]}', 'issue 1 of its 1'],
    ['{"status":"needs_fixes","issues":[]}', 'neither an issue nor a summary'],
  ])('%s is none, and the message says what was looked for', (output, message) => {
    const outcome = heard('verdict', output);
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'no-verdict',
      message: expect.stringContaining(message),
    });
    expect(outcome).toMatchObject({ message: expect.stringContaining('"status" (approved, needs_fixes, ') });
  });

  test('of more than can be kept, the gravest are, in their order, and the summary says how many are not', () => {
    const issues = Array.from({ length: 300 }, (_, index) => ({
      severity: index >= 250 ? 'HIGH' : 'LOW',
      location: `a.ts:${index}`,
      issue: 'x',
    }));
    const kept = verdict({ status: 'needs_fixes', summary: 'Many', issues });
    expect(kept.issues).toHaveLength(200);
    expect(kept.issues.filter(({ severity }) => severity === 'high')).toHaveLength(50);
    expect(kept.issues.map(({ location }) => location)).toEqual(
      issues.flatMap(({ location }, index) => (index < 150 || index >= 250 ? [location] : [])),
    );
    expect(kept.summary).toBe('Many (100 more issues are in the log)');
  });

  test('texts are cut at 2000 characters, and the whole at 64 KiB', () => {
    const long = '"ä€'.repeat(2000);
    const issue = { severity: 'LOW', location: long, issue: long, suggestion: long };
    const kept = verdict({
      status: 'needs_fixes',
      summary: long,
      issues: Array.from({ length: 50 }, () => issue),
    });
    expect(kept.issues.length).toBeGreaterThan(0);
    expect(kept.issues[0]?.issue).toHaveLength(2000);
    expect(kept.summary).toHaveLength(2000);
    expect(kept.summary).toMatch(/\[TRUNCATED\] \(\d+ more issues are in the log\)$/);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(64 * 1024);
  });
});

test('whatever is printed, there is an outcome that the schema takes', () => {
  const text = fc.string({ unit: 'binary' });
  const field = fc.oneof(
    text,
    fc.constantFrom('completed', 'failed', 'approved', 'needs_fixes', 'HIGH'),
    fc.jsonValue(),
  );
  const issue = fc.record(
    {
      severity: field,
      location: field,
      file: field,
      line: field,
      category: field,
      issue: text,
      suggestion: field,
    },
    { requiredKeys: ['issue'] },
  );
  const answer = fc.record(
    {
      status: fc.constantFrom('completed', 'failed', 'needs_context', 'approved', 'needs_fixes', 'blocked'),
      summary: field,
      error: field,
      errors: field,
      reason: field,
      requestedFiles: field,
      issues: fc.oneof(fc.array(issue), field),
      result: field,
      __proto__: field,
    },
    { requiredKeys: ['status'] },
  );
  fc.assert(
    fc.property(text, answer, text, fc.constantFrom('result', 'verdict'), (before, given, after, kind) => {
      heard(kind, `${before}${JSON.stringify(given)}${after}`);
    }),
    { numRuns: 1000 },
  );
});

/** Where a step were repeated for each brace, the test would not end in its time. */
test.each(['{"result":"', '{"status":', '{"result":"{}"}', '\u001b[', '\u001b]', ' \n', '\u001b'])(
  'a megabyte of %j is no trouble',
  unit => {
    expect(result(unit.repeat(1024 ** 2 / unit.length)).kind).toBe('complete');
  },
);

test('what an answer holds may be nested deeper than can be told', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  expect(result(`{"status":"failed","error":{"x":${deep}}}`)).toEqual(failed('nested too deep to be told'));
});
