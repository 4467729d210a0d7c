import { posix } from 'node:path';
import {
  parseCargo,
  parseGoMod,
  parseMakefile,
  parsePyproject,
  parseRequirements,
} from './manifest-lines.js';

/** What the manifests of a repo say, names alone: versions may be addresses with passwords in them, scripts anything. */
export interface Manifests {
  /** Of packages that are depended on. */
  readonly needed: Set<string>;
  /** Of packages that the repo itself holds. */
  readonly own: Set<string>;
  /** How something is built or tested, such as `npm run build` or `make all`. */
  readonly scripts: Set<string>;
  /** Files that manifests name as where a program or a library begins. */
  readonly entries: Set<string>;
}

const MANIFEST =
  /(^|\/)(package\.json|pyproject\.toml|go\.mod|Cargo\.toml|requirements[\w.-]*\.txt|Makefile)$/;
const DEEPEST = 4;
const MOST_MANIFESTS = 200;

/** The manifests among the files of a repo, those near its root first. */
export function manifestsAmong(files: readonly string[]): string[] {
  const depth = (path: string): number => path.split('/').length;
  return files
    .filter(path => MANIFEST.test(path) && depth(path) <= DEEPEST)
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
    .slice(0, MOST_MANIFESTS);
}

export function emptyManifests(): Manifests {
  return { needed: new Set(), own: new Set(), scripts: new Set(), entries: new Set() };
}

/** Adds what one manifest says. One that cannot be understood says nothing. */
export function addManifest(found: Manifests, path: string, text: string): void {
  const add = (names: Iterable<string>, to: Set<string>): void => {
    for (const name of names) if (isName(name)) to.add(name);
  };
  const name = posix.basename(path);
  const atRoot = !path.includes('/');
  if (name === 'package.json') return addPackage(found, path, text);
  if (name === 'Makefile') {
    if (atRoot) for (const target of parseMakefile(text)) found.scripts.add(`make ${target}`);
    return;
  }
  const { own, needed } =
    name === 'go.mod'
      ? parseGoMod(text)
      : name === 'Cargo.toml'
        ? parseCargo(text)
        : name === 'pyproject.toml'
          ? parsePyproject(text)
          : { own: [], needed: parseRequirements(text) };
  add(own, found.own);
  add(needed, found.needed);
}

function addPackage(found: Manifests, path: string, text: string): void {
  const root = objectIn(text);
  if (typeof root.name === 'string' && isName(root.name)) found.own.add(root.name);
  for (const key of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'])
    for (const name of keysOf(root[key])) if (isName(name)) found.needed.add(name);
  if (!path.includes('/'))
    for (const script of keysOf(root.scripts))
      if (/^[\w:.-]{1,80}$/.test(script)) found.scripts.add(`npm run ${script}`);
  const bins = typeof root.bin === 'string' ? [root.bin] : valuesOf(root.bin);
  for (const entry of [root.main, root.module, ...bins])
    if (typeof entry === 'string') found.entries.add(posix.join(posix.dirname(path), entry));
}

function objectIn(json: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(json));
  } catch {
    return {};
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const keysOf = (value: unknown): string[] => Object.keys(recordOf(value));
const valuesOf = (value: unknown): unknown[] => Object.values(recordOf(value));

function isName(name: string): boolean {
  return name.length <= 214 && /^(@[\w.~-]+\/)?[A-Za-z0-9][\w./~-]*$/.test(name);
}
