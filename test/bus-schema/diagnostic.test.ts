import { expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../bus-schema/diagnostic.js';

test.each([
  [{ line: 2, column: 5, remedy: 'Quote it' }, 'p.md:2:5: error: it is wrong. Quote it.'],
  [{ line: 2, remedy: 'Did you mean 1.9?' }, 'p.md:2: error: it is wrong. Did you mean 1.9?'],
  [{}, 'p.md: error: it is wrong.'],
])('%j', (more, line) => {
  expect(formatDiagnostic({ severity: 'error', file: 'p.md', message: 'it is wrong', ...more })).toBe(line);
});
