import { describe, expect, test } from '@jest/globals';
import { tokenSchema } from '../../../bus-schema/ids.js';
import { chance, hex128 } from '../../../daemon/scheduler/chance.js';

const labels = Array.from({ length: 10_000 }, (_, index) => `run-1.${index}.1`);

describe('chance', () => {
  test('is the same for the same seed and label, and another for another', () => {
    expect(chance('seed', 'a')).toBe(chance('seed', 'a'));
    expect(chance('seed', 'a')).not.toBe(chance('seed', 'b'));
    expect(chance('seed', 'a')).not.toBe(chance('dees', 'a'));
    // A journal is read by later versions too: what was drawn once must never change.
    expect(hex128('seed', 'run-1.0.1')).toBe('51eddf0d8c2bc49ecbc30965160512f6');
  });

  test('falls evenly between 0 and 1', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const label of labels) {
      const drawn = chance('seed', label);
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(1);
      const tenth = Math.floor(drawn * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });
});

describe('tokens', () => {
  test('are tokens, and no two of many attempts share one', () => {
    const tokens = labels.map(label => hex128('seed', label));
    expect(new Set(tokens).size).toBe(labels.length);
    for (const token of tokens) expect(tokenSchema.safeParse(token).success).toBe(true);
  });
});
