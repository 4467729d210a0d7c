import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { changelogBreaches } from './tidy/changelog.js';
import {
  hollowNames,
  impurities,
  longFiles,
  longFunctions,
  looseTypes,
  machinePaths,
} from './tidy/code-rules.js';
import {
  adapterBreaches,
  daemonEmbedders,
  dependencyBreaches,
  roomBreaches,
  unimportedFiles,
} from './tidy/import-rules.js';
import { filesBelow, readSources, ROOT } from './tidy/source.js';

const sources = readSources();
const paths = sources.map(source => source.path);
const packageJson = z
  .object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

/** What is shipped or run, in any language; tests may name a place that must be refused. */
function textsOutsideTests(): { path: string; text: string }[] {
  const atRoot = readdirSync(ROOT).filter(
    name => /\.(js|json|yaml)$/.test(name) && name !== 'package-lock.json',
  );
  return ['bus-schema', 'daemon', 'worker', 'scripts', 'bench', 'docs', '.ci']
    .flatMap(filesBelow)
    .concat(atRoot)
    .map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

test('there is something to check', () => {
  expect(paths).toContain('bus-schema/ids.ts');
});

test('files are short', () => {
  expect(longFiles(sources)).toEqual([]);
});

test('functions are short', () => {
  expect(longFunctions(sources)).toEqual([]);
});

test('file and folder names say what they own', () => {
  expect(hollowNames([...paths, ...filesBelow('scripts')])).toEqual([]);
});

test('types are tight: no any, no double cast', () => {
  expect(looseTypes(sources)).toEqual([]);
});

test('what decides is pure: no clock, no chance, no machine, no waiting', () => {
  expect(impurities(sources)).toEqual([]);
});

test('imports go downward only', () => {
  expect(roomBreaches(sources)).toEqual([]);
});

test('only the commands up and run hold a daemon', () => {
  expect(daemonEmbedders(sources)).toEqual([]);
});

test('a package with an adapter is used there alone', () => {
  expect(adapterBreaches(sources)).toEqual([]);
});

test('every source file is needed by an entry point', () => {
  expect(unimportedFiles(sources)).toEqual([]);
});

test('dependencies are declared and used', () => {
  expect(dependencyBreaches(sources, Object.keys(packageJson.dependencies))).toEqual([]);
});

test('nothing names a place of one machine', () => {
  expect(machinePaths(textsOutsideTests())).toEqual([]);
});

test('the change log has its shape', () => {
  expect(changelogBreaches(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), packageJson.version)).toEqual(
    [],
  );
});
