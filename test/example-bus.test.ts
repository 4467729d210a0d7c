import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { decodeOrder } from '../bus-schema/assignment.js';
import { decodeJson } from '../bus-schema/codec.js';
import { parseEventName } from '../bus-schema/event-name.js';
import { journalRecordSchema } from '../bus-schema/fact.js';
import { BUS_FOLDERS } from '../bus-schema/layout.js';
import { claimSchema, leaseSchema, processIdentitySchema } from '../bus-schema/lease.js';
import { messageSchema, messageTypeSchema, type Message } from '../bus-schema/message.js';
import { planSchema } from '../bus-schema/plan.js';
import { runReportSchema } from '../bus-schema/report.js';
import { locksViewSchema, workerStatusViewSchema } from '../bus-schema/view.js';
import { decodeBody } from '../daemon/bus/drop-body.js';
import { decodeRecord } from '../daemon/journal/record-line.js';
import { feedOf } from '../daemon/projections/feed.js';
import { locksView } from '../daemon/projections/locks-view.js';
import { progressView } from '../daemon/projections/progress-view.js';
import { reportMarkdown } from '../daemon/projections/report-text.js';
import { runReport } from '../daemon/projections/run-report.js';
import { replay } from '../daemon/replay.js';
import { workDigestOf } from '../daemon/run-store.js';
import { brokenInvariants } from '../daemon/scheduler/invariants.js';
import type { Run, State } from '../daemon/scheduler/state.js';
import { freshFolder, type FreshFolder } from './fresh-folder.js';
import { ROOT } from './tidy/source.js';

const BUS = join(ROOT, '.message-bus.example');
const files = readdirSync(BUS, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => relative(BUS, join(entry.parentPath, entry.name)))
  .sort();
const read = (file: string): string => readFileSync(join(BUS, file), 'utf8');
const linesOf = (text: string): string[] => text.split('\n').filter(line => line !== '');

/** What is wrong with a text that should fit a schema, one sentence each. */
function faults(text: string, schema: z.ZodType): readonly string[] {
  const decoded = decodeJson(text, schema);
  return decoded.ok ? [] : decoded.error;
}

const json =
  (schema: z.ZodType) =>
  (text: string): readonly string[] =>
    faults(text, schema);
const jsonLines =
  (schema: z.ZodType) =>
  (text: string): readonly string[] =>
    linesOf(text).flatMap(line => faults(line, schema));
const empty = (text: string): readonly string[] => (text === '' ? [] : ['it is not empty']);
const anything = (): readonly string[] => [];

function eventFaults(text: string, file: string): readonly string[] {
  const name = file.split('/').at(-1) ?? '';
  if (parseEventName(name) === undefined) return [`${name} is no event name`];
  if (decodeBody(text) === 'cut') return ['its body is cut'];
  return text.startsWith('{') ? faults(text, messageSchema) : [];
}

function claimFaults(text: string): readonly string[] {
  const [first = '', ...notes] = linesOf(text);
  const commands = notes.flatMap(note => {
    const { command, ...more } = JSON.parse(note) as Record<string, unknown>;
    return Object.keys(more).length > 0
      ? [`an unknown note: ${note}`]
      : faults(JSON.stringify(command), processIdentitySchema);
  });
  return [...faults(first, claimSchema), ...commands];
}

function journalFaults(text: string): readonly string[] {
  return linesOf(text).flatMap(line => {
    const decoded = decodeRecord(line);
    return decoded.kind === 'record'
      ? faults(JSON.stringify(decoded.record), journalRecordSchema)
      : [`${decoded.kind}: ${line}`];
  });
}

function orderFaults(text: string): readonly string[] {
  return linesOf(text).flatMap(line => {
    try {
      decodeOrder(line);
      return [];
    } catch (error) {
      return [String(error)];
    }
  });
}

/** Every kind of file that a bus has, and what is wrong with one. */
const KINDS: readonly (readonly [RegExp, (text: string, file: string) => readonly string[]])[] = [
  [/^queue\.jsonl$/, jsonLines(messageSchema.extend({ type: messageTypeSchema }))],
  [/^locks\.json$/, json(locksViewSchema)],
  [/^worker-status\.json$/, json(workerStatusViewSchema)],
  [/^progress\.txt$/, text => (/^run /m.test(text) ? [] : ['it tells of no run'])],
  [/^daemon\.json$/, json(leaseSchema)],
  [/^daemon\.lock$/, empty],
  [/^daemon\.log$/, text => linesOf(text).flatMap(line => (line.includes('"msg":') ? [] : [line]))],
  [/^events\/[^/]+$/, eventFaults],
  [/^heartbeats\/worker-\d+$/, empty],
  [/^journal\/\d{12}\.jsonl$/, journalFaults],
  [/^quarantine\/\d{9}-[^/]+\.event$/, anything],
  [/^quarantine\/\d{9}-[^/]+\.event\.reason$/, text => (/^\S+Z events\/\S+: .+\n$/.test(text) ? [] : [text])],
  [/^runs\/[^/]+\/plan\.json$/, json(planSchema)],
  [/^runs\/[^/]+\/report\.json$/, json(runReportSchema)],
  [/^runs\/[^/]+\/report\.md$/, text => (text.startsWith('# ') ? [] : ['it has no heading'])],
  [/^runs\/[^/]+\/journal\.jsonl$/, jsonLines(journalRecordSchema)],
  [/^runs\/[^/]+\/events\/[^/]+$/, eventFaults],
  [/^runs\/[^/]+\/attempts\/[^/]+\.claim$/, claimFaults],
  [/^runs\/[^/]+\/attempts\/[^/]+\.log$/, anything],
  [/^workers\/worker-\d+\/pid\.json$/, json(leaseSchema)],
  [/^workers\/worker-\d+\/lock$/, empty],
  [/^workers\/worker-\d+\/worker\.log$/, empty],
  [/^workers\/worker-\d+\/assignments$/, orderFaults],
];

describe('the example bus', () => {
  test.each(files.filter(file => !file.endsWith('/.gitkeep')))('%s is what its place says', file => {
    const kind = KINDS.find(([pattern]) => pattern.test(file));
    expect(kind).toBeDefined();
    expect(kind?.[1](read(file), file)).toEqual([]);
  });

  test('no kind of file is missing, and no folder', () => {
    expect(
      KINDS.filter(([pattern]) => !files.some(file => pattern.test(file))).map(([pattern]) => pattern.source),
    ).toEqual([]);
    expect(BUS_FOLDERS.filter(folder => !files.some(file => file.startsWith(`${folder}/`)))).toEqual([]);
  });

  test('it names no machine and nobody', () => {
    const named = files.filter(file => /\/(tmp|root|Users|work|var)\/|\/home\/(?!you\/)/.test(read(file)));
    expect(named).toEqual([]);
  });

  test('folders are kept by empty files', () => {
    for (const file of files.filter(each => each.endsWith('/.gitkeep'))) expect(read(file)).toBe('');
  });
});

describe('its journal', () => {
  let state: State;
  let run: Run;
  const feed: Message[] = [];

  beforeAll(() => {
    const past = replay(BUS, () => true);
    if (!past.ok) throw new Error(past.error.message);
    ({ state } = past.value);
    expect(past.value.end.tornBytes).toBe(0);
    const retold = past.value.kept.flatMap(record => feedOf(state, record));
    feed.push(...(JSON.parse(JSON.stringify(retold)) as Message[]));
    const [only] = state.runs.values();
    if (only === undefined || state.runs.size !== 1) throw new Error('one run is expected');
    run = only;
  });

  test('leads to a state in which all is well', () => {
    expect(brokenInvariants(state)).toEqual([]);
    expect(workDigestOf(run.plan)).toBe(run.workDigest);
  });

  test('tells of every fate a task may have', () => {
    const fates = run.nodes.map(({ task, attempts, status: { kind, ...rest } }) => [
      task.id,
      attempts,
      'end' in rest ? rest.end.kind : kind,
    ]);
    expect(fates).toEqual([
      ['changes', 1, 'complete'],
      ['issues', 2, 'complete'],
      ['draft', 1, 'complete'],
      ['thanks', 1, 'complete'],
      ['spelling', 1, 'failed'],
      ['publish', 0, 'skipped'],
    ]);
    expect(run.nodes[0]?.last?.outcome).toEqual({ kind: 'complete', commit: '4c1f2a9' });
  });

  test('says the same as the feed, the views and the reports beside it', () => {
    expect(linesOf(read('queue.jsonl')).map(line => JSON.parse(line) as Message)).toMatchObject(feed);
    expect(JSON.parse(read('locks.json'))).toEqual(locksView(state));
    const { ended } = run;
    if (ended === undefined) throw new Error('the run has not ended');
    expect(read('progress.txt')).toBe(progressView(state, ended.at));
    const made = runReport(run, ended);
    expect(JSON.parse(read(`runs/${run.id}/report.json`))).toEqual(made);
    expect(read(`runs/${run.id}/report.md`)).toBe(reportMarkdown(made));
    expect(read(`events/PARALLEL_COMPLETE_${run.id}.event`)).toBe('FAIL\n');
  });
});

describe('the commands that read a bus, on a copy of it', () => {
  let home: FreshFolder;
  let bus: string;

  beforeAll(() => {
    home = freshFolder();
    bus = join(home.path, '.message-bus');
    cpSync(BUS, bus, { recursive: true });
    // git gives folders the mode that the umask says, and one that others may write to is refused.
    for (const entry of readdirSync(bus, { recursive: true, withFileTypes: true }))
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
    chmodSync(bus, 0o700);
  });
  afterAll(() => {
    home.remove();
  });

  const signalbox = (...args: string[]): string => {
    const program = join(ROOT, 'dist/daemon/cli/main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--bus', bus], {
      cwd: home.path,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '' },
    });
    expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
    return stdout;
  };
  const snapshot = (): string[] =>
    readdirSync(bus, { recursive: true, encoding: 'utf8' })
      .sort()
      .map(name => `${name} ${statSync(join(bus, name)).mtimeMs}`);

  test('tell how the run ended, and change nothing', () => {
    const before = snapshot();
    expect(signalbox('status')).toMatch(/release-notes\): FAIL, 4\/6 complete, 1 failed, 1 skipped/);
    expect(signalbox('report')).toMatch(/\*\*FAIL\*\*/);
    expect(signalbox('explain', 'publish')).toMatch(/spelling/);
    expect(signalbox('explain', 'issues')).toMatch(/2 attempts/);
    expect(signalbox('logs', 'issues', '--attempt', '1')).toBe('the tracker does not answer\n');
    expect(signalbox('tail', '--no-follow', '-n', '1')).toMatch(/RUN_COMPLETE/);
    expect(snapshot()).toEqual(before);
  });
});
