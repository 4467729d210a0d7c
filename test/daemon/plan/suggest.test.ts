import { expect, test } from '@jest/globals';
import { didYouMean } from '../../../daemon/plan/suggest.js';

test.each([
  ['retry', ['timeout', 'retries'], 'Did you mean retries?'],
  ['TIMEOUT', ['timeout', 'retries'], 'Did you mean timeout?'],
  ['1.3', ['9.9', '1.1'], 'Did you mean 1.1?'],
  ['comand', ['command', 'commend'], 'Did you mean command?'],
  ['zebra', ['timeout', 'retries'], undefined],
  ['9.9', ['1.1', '1.2'], undefined],
  ['x', ['y', 'z'], undefined],
  ['x'.repeat(300), [`${'x'.repeat(299)}y`], undefined],
])('%s among %j', (word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});
