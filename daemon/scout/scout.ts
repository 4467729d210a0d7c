import { join } from 'node:path';
import { readNamedFile } from '../../bus-schema/store/read-file.js';
import { Lists, type Context, type Exported } from './context.js';
import { exportedNames } from './exported.js';
import { readHistory } from './history.js';
import { listFiles } from './listing.js';
import { addManifest, emptyManifests, manifestsAmong, type Manifests } from './manifests.js';
import { frameworkOf, isConfigFile, isEntryPoint, isTestFile, styleOf, testingOf } from './roles.js';

/** The scout has so long; what is there by then is what there is. */
export const SCOUT_MS = 25_000;

const LARGEST_READ_BYTES = 1024 ** 2;
const DEEPEST_FOLDER = 3;
const MOST = {
  directories: 200,
  entries: 50,
  configs: 100,
  packages: 300,
  tests: 100,
  scripts: 100,
} as const;
const MOST_ENTRIES_READ = 20;

/** Discovers what a repo is made of: the same repo gives the same context, but for the moment. Writes nothing. */
export async function scout(
  repo: string,
  discoveredAt: string,
  signal: AbortSignal = AbortSignal.timeout(SCOUT_MS),
): Promise<Context> {
  const { files, complete } = await listFiles(repo, signal);
  const known = new Set(files);
  const history = await readHistory(repo, known, signal);
  const manifests = emptyManifests();
  for (const path of manifestsAmong(files)) {
    const text = signal.aborted ? undefined : textOf(repo, path);
    if (text !== undefined) addManifest(manifests, path, text);
  }
  const lists = new Lists();
  const entries = lists.take('entry_points', entryPoints(files, known, manifests), MOST.entries);
  const functions = signal.aborted ? {} : exportsOf(repo, entries);
  if (history.cut > 0) lists.cut.hot_files = history.cut;
  const { needed, own, scripts } = manifests;
  return {
    discovered_at: discoveredAt,
    complete: complete && history.complete && !signal.aborted,
    structure: {
      directories: lists.take('directories', foldersOf(files), MOST.directories),
      entry_points: entries,
      config_files: lists.take('config_files', files.filter(isConfigFile), MOST.configs),
    },
    dependencies: {
      external: lists.take(
        'external',
        [...needed].filter(name => !own.has(name)),
        MOST.packages,
      ),
      internal: lists.take('internal', own, MOST.packages),
    },
    functions,
    patterns: {
      framework: frameworkOf(manifests),
      style: styleOf(files),
      testing: testingOf(manifests, files),
      test_files: lists.take('test_files', files.filter(isTestFile), MOST.tests),
      build_scripts: lists.take('build_scripts', scripts, MOST.scripts),
    },
    hot_files: history.hot,
    entry_points: entries,
    cut: lists.cut,
  };
}

/** One sentence on what was found. */
export function summaryOf({ structure, dependencies, hot_files: hot, complete }: Context): string {
  const counts = [
    `${structure.directories.length} directories`,
    `${structure.entry_points.length} entry points`,
    `${dependencies.external.length} external dependencies`,
    `${hot.length} hot files`,
  ];
  return `${counts.join(', ')}${complete ? '' : '; time ran out before all was looked at'}`;
}

function entryPoints(files: readonly string[], known: ReadonlySet<string>, { entries }: Manifests): string[] {
  return [...files.filter(isEntryPoint), ...[...entries].filter(path => known.has(path))];
}

function foldersOf(files: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of files) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= Math.min(parts.length, DEEPEST_FOLDER); depth++)
      folders.add(parts.slice(0, depth).join('/'));
  }
  return folders;
}

function exportsOf(repo: string, entries: readonly string[]): Record<string, Record<string, Exported>> {
  const found: [string, Record<string, Exported>][] = [];
  for (const path of entries.slice(0, MOST_ENTRIES_READ)) {
    const text = textOf(repo, path);
    const names = text === undefined ? undefined : exportedNames(path, text);
    if (names !== undefined) found.push([path, names]);
  }
  return Object.fromEntries(found);
}

function textOf(repo: string, path: string): string | undefined {
  const read = readNamedFile(join(repo, path), LARGEST_READ_BYTES);
  return read.ok ? read.value.text : undefined;
}
