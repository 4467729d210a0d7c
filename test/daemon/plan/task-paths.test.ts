import { expect, test } from '@jest/globals';
import { pathsIn } from '../../../daemon/plan/task-paths.js';

test.each([
  ['`src/a.ts`', ['src/a.ts']],
  ['`src/a.ts`, `docs/*`, `lib/`', ['src/a.ts', 'docs/*', 'lib/']],
  ['`src/a.ts:10-20`, `b.py:7`, `c.py:1-2, 5-9`', ['src/a.ts', 'b.py', 'c.py']],
  ['`src/a.ts` (`upload_route`), route mounting as needed', ['src/a.ts']],
  ['`backend/models.py (delete)`', ['backend/models.py']],
  ['`app/(auth)/page.tsx`', ['app/(auth)/page.tsx']],
  ['`users` and `POST /users`', []],
  ['`Makefile`, `.env`', ['Makefile', '.env']],
  ['src/a.ts, src/b.ts (new), lib/', ['src/a.ts', 'src/b.ts', 'lib/']],
  ['src/a.ts and/or src/b.ts as needed', ['src/a.ts', 'src/b.ts']],
  ['touched routes', []],
  ['touched device routes/services as needed', []],
  ['validation only', []],
  ['see https://example.org/a.html', []],
  ['none', []],
  ['', []],
])('%j', (text, paths) => {
  expect(pathsIn(text)).toEqual(paths);
});
