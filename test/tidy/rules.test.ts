import { describe, expect, test } from '@jest/globals';
import { changelogBreaches } from './changelog.js';
import { hollowNames, impurities, longFiles, longFunctions, looseTypes, machinePaths } from './code-rules.js';
import {
  adapterBreaches,
  daemonEmbedders,
  dependencyBreaches,
  roomBreaches,
  unimportedFiles,
} from './import-rules.js';
import { parseSource, type Source } from './source.js';

const one = (path: string, text: string): Source[] => [parseSource(path, text)];

describe('rules about code', () => {
  test('400 lines pass, 401 do not', () => {
    expect(longFiles(one('daemon/a.ts', 'x;\n'.repeat(400)))).toEqual([]);
    expect(longFiles(one('daemon/a.ts', 'x;\n'.repeat(401)))).toEqual([expect.stringContaining('401 lines')]);
  });

  test('a function of 70 lines passes, one of 71 does not, a test may be long', () => {
    const text = (lines: number): string => `function f() {\n${'x;\n'.repeat(lines - 2)}}\n`;
    expect(longFunctions(one('daemon/a.ts', text(70)))).toEqual([]);
    expect(longFunctions(one('daemon/a.ts', text(71)))).toEqual([expect.stringContaining('daemon/a.ts:1')]);
    expect(longFunctions(one('daemon/a.ts', `const f = () => {\n${'x;\n'.repeat(80)}};\n`))).toHaveLength(1);
    expect(longFunctions(one('test/a.ts', text(71)))).toEqual([]);
  });

  test.each(['daemon/pool-manager.ts', 'daemon/utils/a.ts', 'worker/helpers.ts', 'worker/event.handler.ts'])(
    '%s says nothing',
    path => {
      expect(hollowNames([path])).toHaveLength(1);
    },
  );

  test('a noun that holds such a word is a noun', () => {
    expect(hollowNames(['daemon/commonwealth.ts', 'daemon/settle.ts', '.ci/run'])).toEqual([]);
  });

  test('any and double casts are found, words are not', () => {
    expect(looseTypes(one('a.ts', 'const x: any = 1;'))).toHaveLength(1);
    expect(looseTypes(one('a.ts', 'const x = y as unknown as string;'))).toHaveLength(1);
    expect(looseTypes(one('a.ts', '// any\nconst any = "any" as unknown;'))).toEqual([]);
  });

  test.each([
    'Date.now();',
    'new Date();',
    'Math.random();',
    'async function f() {}',
    'setTimeout(f, 1);',
    'process.exit();',
    "import { readFileSync } from 'node:fs';",
  ])('%s is refused where decisions are made', text => {
    expect(impurities(one('daemon/plan/a.ts', text))).not.toEqual([]);
    expect(impurities(one('daemon/pool/a.ts', text))).toEqual([]);
  });

  test('members that are called like a global are ours', () => {
    expect(
      impurities(one('daemon/scheduler/a.ts', 'const a = { process: 1 }; a.process; Math.max(1);')),
    ).toEqual([]);
  });

  test('places of one machine are found', () => {
    const places = ['"/root/x"', "'/tmp/x'", 'cd /srv/x', '`/tmp/${x}`'];
    for (const text of places) expect(machinePaths([{ path: 'a', text }])).toHaveLength(1);
    const others = ['https://a.b/root/', 'out/tmp/x', '/roots/', '$TMPDIR/tmp/x', './tmp/x'];
    for (const text of others) expect(machinePaths([{ path: 'a', text }])).toEqual([]);
  });
});

describe('rules about imports', () => {
  test.each([
    ['bus-schema/a.ts', "import { b } from './store/b.js';"],
    ['bus-schema/store/a.ts', "import type { b } from '../../daemon/b.js';"],
    ['daemon/scheduler/a.ts', "import { b } from '../plan/b.js';"],
    ['daemon/plan/a.ts', "import { b } from '../../bus-schema/store/b.js';"],
    ['daemon/projections/a.ts', "import { b } from '../scheduler/b.js';"],
    ['daemon/pool/a.ts', "export { b } from '../journal/b.js';"],
    ['daemon/pool/a.ts', "import { b } from '../ports.js';"],
    ['daemon/pool/a.ts', "const b = await import('../bus/b.js');"],
    ['worker/a.ts', "import type { b } from '../daemon/ports.js';"],
    ['daemon/loop.ts', "import { b } from './cli/b.js';"],
    ['elsewhere/a.ts', ''],
  ])('%s: %s is refused', (path, text) => {
    expect(roomBreaches(one(path, text))).toHaveLength(1);
  });

  test.each([
    ['bus-schema/store/a.ts', "import { b } from '../b.js';"],
    ['daemon/projections/a.ts', "import type { b } from '../scheduler/b.js';"],
    ['daemon/pool/a.ts', "import { type b } from '../ports.js';"],
    ['daemon/journal/a.ts', "import { b } from '../../bus-schema/store/b.js';"],
    ['daemon/cli/a.ts', "import { b } from '../plan/b.js';"],
    ['daemon/main.ts', "import { b } from './pool/b.js';"],
  ])('%s: %s passes', (path, text) => {
    expect(roomBreaches(one(path, text))).toEqual([]);
  });

  test('a command that is neither up nor run holds no daemon', () => {
    const text = "const { main } = await import('../main.js');";
    expect(daemonEmbedders(one('daemon/cli/status.ts', text))).toHaveLength(1);
    expect(daemonEmbedders(one('daemon/cli/up.ts', text))).toEqual([]);
  });

  test('a package behind an adapter is counted, its types are not', () => {
    const value = parseSource('daemon/bus/a.ts', "import { watch } from 'chokidar';");
    const types = parseSource('daemon/bus/b.ts', "import type { FSWatcher } from 'chokidar';");
    const second = parseSource('daemon/pool/c.ts', "import { watch } from 'chokidar';");
    expect(adapterBreaches([value, types])).toEqual([]);
    expect(adapterBreaches([value, second])).toHaveLength(1);
    expect(adapterBreaches(one('daemon/bus/a.ts', "import fs from 'fs-extra';"))).toHaveLength(1);
  });

  test('files that only each other need are found', () => {
    const main = parseSource('worker/main.ts', "import './a.js';");
    const used = parseSource('worker/a.ts', '');
    const dead = [
      parseSource('worker/b.ts', "import './c.js';"),
      parseSource('worker/c.ts', "import './b.js';"),
    ];
    expect(unimportedFiles([main, used, ...dead]).map(line => line.split(':')[0])).toEqual([
      'worker/b.ts',
      'worker/c.ts',
    ]);
  });

  test('dependencies are compared both ways', () => {
    const sources = one('daemon/a.ts', "import { z } from 'zod'; import x from '@a/b/c';");
    expect(dependencyBreaches(sources, ['zod', '@a/b'])).toEqual([]);
    expect(dependencyBreaches(sources, ['zod', 'yaml'])).toEqual([
      expect.stringContaining('@a/b'),
      expect.stringContaining('yaml'),
    ]);
  });
});

describe('the change log', () => {
  const good = '# Changelog\n\n## [0.2.0] - 2026-02-01\n\nIt runs.\n\n## [0.1.0] - 2026-01-01\n\n- It is.\n';

  test('newest first, dated, each with something to say', () => {
    expect(changelogBreaches(good, '0.2.0')).toEqual([]);
    expect(changelogBreaches(good.replace('[0.2.0] -', '[0.2.0]'), '0.2.0')).not.toEqual([]);
    expect(changelogBreaches(good.replace('2026-02-01', '2025-12-01'), '0.2.0')).toHaveLength(1);
    expect(changelogBreaches(good.replace('It runs.', ''), '0.2.0')).toHaveLength(1);
    expect(changelogBreaches(good, '0.3.0')).toEqual([expect.stringContaining('0.3.0')]);
  });
});
