import { expect, test } from '@jest/globals';
import { outputPath } from '../../../daemon/plan/output-path.js';

test.each([
  ['a.md', undefined, 'a.md'],
  ['a.md', 'out', 'out/a.md'],
  ['out/a.md', 'out', 'out/a.md'],
  ['reviews/a.md', '.work/reviews/', '.work/reviews/a.md'],
  ['final.md', '.work/reviews/', '.work/reviews/final.md'],
  ['api/', 'out', 'out/api/'],
  ['x/a.md', '/abs/out', '/abs/out/x/a.md'],
  ['/abs/a.md', 'out', '/abs/a.md'],
  ['./out/a.md', './out/', 'out/a.md'],
])('%s below %s is %s', (output, folder, path) => {
  expect(outputPath(output, folder)).toBe(path);
});
