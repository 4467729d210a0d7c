import type { Import, Source } from './source.js';

interface Room {
  readonly name: string;
  readonly files: RegExp;
  /** What it may import, tests left out. */
  readonly may: RegExp;
  /** What it may import for its types alone. */
  readonly mayType?: RegExp;
  readonly rule: string;
}

const GROUND = 'bus-schema/[^/]+\\.ts';
const STORE = 'bus-schema/store/';

const pure = (folder: string): Room => ({
  name: folder,
  files: new RegExp(`^daemon/${folder}/`),
  may: new RegExp(`^(${GROUND}|daemon/${folder}/)`),
  ...(folder === 'projections' ? { mayType: /^daemon\/scheduler\// } : {}),
  rule: `daemon/${folder} imports only bus-schema (not its store) and itself${folder === 'projections' ? ', and types of the scheduler' : ''}`,
});

const adapter = (folder: string): Room => ({
  name: folder,
  files: new RegExp(`^daemon/${folder}/`),
  may: new RegExp(`^(${GROUND}|${STORE}|daemon/${folder}/)`),
  mayType: /^daemon\/ports\.ts$/,
  rule: `daemon/${folder} imports bus-schema, its store, itself, and types of daemon/ports.ts; never another adapter`,
});

/** The rooms of the house, lowest floor first. Files of `daemon/` itself put the rooms together and may import any. */
const ROOMS: readonly Room[] = [
  {
    name: 'store',
    files: /^bus-schema\/store\//,
    may: /^bus-schema\//,
    rule: 'bus-schema/store imports only bus-schema',
  },
  {
    name: 'bus-schema',
    files: /^bus-schema\//,
    may: new RegExp(`^${GROUND}`),
    rule: 'bus-schema imports only itself, and not its store',
  },
  pure('scheduler'),
  pure('plan'),
  pure('projections'),
  adapter('journal'),
  adapter('bus'),
  adapter('pool'),
  adapter('track'),
  adapter('workspace'),
  adapter('scout'),
  {
    name: 'worker',
    files: /^worker\//,
    may: new RegExp(`^(${GROUND}|${STORE}|worker/)`),
    rule: 'worker imports bus-schema, its store and itself; it stands alone',
  },
  {
    name: 'cli',
    files: /^daemon\/cli\//,
    may: /^(bus-schema|daemon)\//,
    rule: 'daemon/cli imports bus-schema and daemon',
  },
  {
    name: 'daemon',
    files: /^daemon\//,
    may: /^(bus-schema\/|daemon\/(?!cli\/))/,
    rule: 'nothing in daemon imports its command line',
  },
  {
    name: 'scripts',
    files: /^scripts\//,
    may: /^(bus-schema|scripts)\//,
    rule: 'scripts import bus-schema and themselves',
  },
];

/** Commands that hold a daemon in their own process; all others talk to one through the bus. */
const EMBEDDERS = /^daemon\/cli\/(up|run|main)\.ts$/;

/** Packages that stand behind one adapter: who may import them, and in how many files. */
const ADAPTERS: readonly { package: string; where: RegExp; files: number }[] = [
  { package: 'chokidar', where: /^daemon\//, files: 1 },
  { package: 'proper-lockfile', where: /^(daemon|bus-schema\/store)\//, files: 1 },
  { package: 'execa', where: /^(daemon|worker)\//, files: 2 },
  { package: 'pino', where: /^(daemon|worker)\//, files: 2 },
  { package: 'fs-extra', where: /^bus-schema\/store\//, files: Infinity },
  { package: 'commander', where: /^daemon\/cli\//, files: Infinity },
  { package: 'yaml', where: /^daemon\/plan\//, files: Infinity },
];

/** Where a process begins; everything else is there because one of these needs it. */
const ENTRIES = /^(daemon\/cli\/main|worker\/main|scripts\/[^/]+)\.ts$/;

const shipped = (source: Source): boolean => !/^(test|bench)\//.test(source.path);
/** Who runs what was built does not need it. */
const BUILDING = /^scripts\/(bundle|finish-build)\.ts$/;

export function roomBreaches(sources: readonly Source[]): string[] {
  return sources.filter(shipped).flatMap(source => {
    const room = ROOMS.find(candidate => candidate.files.test(source.path));
    if (room === undefined) return [`${source.path} stands in no room; see test/tidy/import-rules.ts`];
    return source.imports
      .filter(found => found.kind === 'file' && !mayImport(room, found))
      .map(({ target, line }) => `${source.path}:${line}: imports ${target}; ${room.rule}`);
  });
}

function mayImport(room: Room, found: Import): boolean {
  return room.may.test(found.target) || (found.typeOnly && room.mayType?.test(found.target) === true);
}

export function daemonEmbedders(sources: readonly Source[]): string[] {
  return sources
    .filter(source => source.path.startsWith('daemon/cli/') && !EMBEDDERS.test(source.path))
    .flatMap(source =>
      source.imports
        .filter(found => found.target === 'daemon/main.ts')
        .map(
          ({ line }) =>
            `${source.path}:${line}: imports daemon/main.ts; only the commands up and run hold a daemon, others drop a command into the bus`,
        ),
    );
}

/** Types cost nothing and bind nobody, so they do not count. */
export function adapterBreaches(sources: readonly Source[]): string[] {
  return ADAPTERS.flatMap(({ package: name, where, files }) => {
    const users = sources
      .filter(shipped)
      .filter(source => source.imports.some(found => found.target === name && !found.typeOnly))
      .map(source => source.path);
    const outside = users.filter(path => !where.test(path));
    const breaches = outside.map(
      path => `${path}: imports ${name}; only files that match ${where.source} may`,
    );
    if (users.length > files)
      breaches.push(`${name} is imported by ${users.join(', ')}; ${files} at most, go through that one`);
    return breaches;
  });
}

export function unimportedFiles(sources: readonly Source[]): string[] {
  const known = new Map(sources.filter(shipped).map(source => [source.path, source]));
  const open = [...known.keys()].filter(path => ENTRIES.test(path));
  const reached = new Set<string>();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const source = known.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    open.push(...source.imports.map(found => found.target));
  }
  return [...known.keys()]
    .filter(path => !reached.has(path))
    .map(path => `${path}: no entry point reaches it; import it where it is needed, or delete it`);
}

/** Both ways: what is imported must be declared, and what is declared must be imported. */
export function dependencyBreaches(sources: readonly Source[], declared: readonly string[]): string[] {
  const used = new Map<string, string>();
  for (const source of sources.filter(each => shipped(each) && !BUILDING.test(each.path)))
    for (const { kind, target } of source.imports) if (kind === 'package') used.set(target, source.path);
  return [
    ...[...used]
      .filter(([name]) => !declared.includes(name))
      .map(([name, path]) => `${path}: imports ${name}, which is not among the dependencies of package.json`),
    ...declared
      .filter(name => !used.has(name))
      .map(name => `package.json: nothing imports ${name}; remove it from the dependencies`),
  ];
}
