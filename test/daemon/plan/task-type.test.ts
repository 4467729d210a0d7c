import { expect, test } from '@jest/globals';
import { typeOf } from '../../../daemon/plan/task-type.js';

test.each([
  ['Draw it', ['web/src/components/dial.ts'], 'ui'],
  ['Draw it', ['web/dial.tsx'], 'ui'],
  ['A dial component', [], 'ui'],
  ['Serve it', ['api/tide.ts'], 'integration'],
  ['Pay with Stripe', [], 'integration'],
  ['Check it', ['src/tide.test.ts'], 'test'],
  ['Coverage', [], 'test'],
  ['Tell of it', ['README.md'], 'docs'],
  ['Set it', ['tsconfig.json'], 'config'],
  ['Set it', ['.env.local'], 'config'],
  ['Build a guide', ['src/quick.ts'], 'code'],
])('%s, %j: %s', (title, files, type) => {
  expect(typeOf(title, files)).toBe(type);
});
