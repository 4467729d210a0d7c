import { describe, expect, test } from '@jest/globals';
import { attemptIdSchema, taskIdSchema, tokenSchema } from '../../bus-schema/ids.js';

describe('ids', () => {
  test.each(['1.1', 'compile', 'A_b-c.9', 'x', '9'.repeat(100)])('%s is an id', id => {
    expect(taskIdSchema.parse(id)).toBe(id);
  });

  test.each(['', '.', '..', '.hidden', '-rf', '_x', 'a/b', 'a b', 'a\n', 'a@b', 'é', 'a\0', '9'.repeat(101)])(
    '%j is none, and the message says what one is',
    id => {
      const parsed = taskIdSchema.safeParse(id);
      expect(parsed.error?.issues.map(issue => issue.message)).toEqual([
        expect.stringContaining('beginning with a letter or digit'),
      ]);
    },
  );

  test('an attempt id ends in the ordinal and the number', () => {
    expect(attemptIdSchema.safeParse('build-20261121.4.1').success).toBe(true);
    expect(attemptIdSchema.safeParse('1.2.3.4').success).toBe(true);
    for (const id of ['run', 'run.1', 'run.1.', 'run.a.1', '../run.1.1', 'run.1.1\n'])
      expect(attemptIdSchema.safeParse(id).success).toBe(false);
  });

  test('a token is 32 hex digits in lower case', () => {
    expect(tokenSchema.safeParse('0123456789abcdef'.repeat(2)).success).toBe(true);
    expect(tokenSchema.safeParse('0123456789ABCDEF'.repeat(2)).success).toBe(false);
    expect(tokenSchema.safeParse('0123456789abcdef').success).toBe(false);
  });
});
