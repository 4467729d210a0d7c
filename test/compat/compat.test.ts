import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUS_FOLDERS, layout } from '../../bus-schema/layout.js';
import { runReport } from '../../daemon/projections/run-report.js';
import { replay, type Replay } from '../../daemon/replay.js';
import { brokenInvariants } from '../../daemon/scheduler/invariants.js';
import type { Run } from '../../daemon/scheduler/state.js';
import { journalOf, Rig } from '../e2e/rig.js';
import { judge } from '../oracle/journal-oracle.js';
import { ROOT } from '../tidy/source.js';
import { until } from '../until.js';
import { describeState, type DescribedState } from './describe-state.js';

const HERE = join(ROOT, 'test', 'compat');
const RELEASES = readdirSync(HERE).filter(name => /^\d+\.\d+\.\d+$/.test(name));
const LONG_MS = 60_000;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

/** Lays the bus of a release into the repo, as that release made it: git keeps neither modes nor empty folders. */
function lay(release: string): void {
  cpSync(join(HERE, release, 'bus'), rig.bus, { recursive: true });
  for (const folder of BUS_FOLDERS) mkdirSync(join(rig.bus, folder), { recursive: true });
  for (const entry of readdirSync(rig.bus, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  chmodSync(rig.bus, 0o700);
}

function past(): Replay {
  const read = replay(rig.bus);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function runNamed(name: string): Run {
  const found = [...past().state.runs.values()].find(run => run.plan.name === name);
  if (found === undefined) throw new Error(`there is no run of ${name}`);
  return found;
}

const told = (release: string): DescribedState =>
  JSON.parse(readFileSync(join(HERE, release, 'state.json'), 'utf8')) as DescribedState;

test('there is a bus of the first release', () => {
  expect(RELEASES).toContain('0.1.0');
});

describe.each(RELEASES)('a bus as version %s wrote it', release => {
  beforeEach(() => lay(release));

  test('tells the same as it told that version', () => {
    const { state, end } = past();
    expect(describeState(state)).toEqual(told(release));
    expect(end.tornBytes).toBe(0);
    expect(brokenInvariants(state)).toEqual([]);
  });

  test('has reports that this version would write too, with more in them at most', () => {
    const ended = [...past().state.runs.values()].filter(run => existsSync(reportOf(run)));
    expect(ended.length).toBeGreaterThan(0);
    for (const run of ended) {
      if (run.ended === undefined) throw new Error(`${run.id} has a report and no end`);
      const made: unknown = JSON.parse(JSON.stringify(runReport(run, run.ended)));
      expect(made).toMatchObject(JSON.parse(readFileSync(reportOf(run), 'utf8')) as object);
    }
  });

  test('is sound to doctor, and can be looked at', async () => {
    const doctor = await rig.signalbox(['doctor']);
    expect({ code: doctor.code, bad: /^bad .*/m.exec(doctor.stdout)?.[0] }).toEqual({
      code: 0,
      bad: undefined,
    });
    for (const { id, name, verdict } of told(release).runs)
      expect((await rig.signalbox(['status', id])).stdout).toContain(`run ${id} (${name}): ${verdict}`);
    const report = await rig.signalbox(['report', runNamed('fates').id]);
    expect(report.stdout).toContain('**FAIL**');
    expect((await rig.signalbox(['explain', 'never'])).stdout).toContain('slow');
  });

  test(
    'takes a new plan, and goes on with what was not finished, running nothing of it again',
    async () => {
      rig.plan('new.json', [{ id: 'fresh', command: 'echo fresh' }]);
      expect((await rig.signalbox(['run', 'new.json'])).code).toBe(0);
      const open = runNamed('unfinished');
      expect(open.paused).toBe(true);
      expect((await rig.signalbox(['up', '--detach'])).code).toBe(0);
      expect(await rig.signalbox(['resume', open.id])).toMatchObject({ code: 0, stderr: '' });
      await until(() => runNamed('unfinished').ended, LONG_MS, 'the end of what was not finished');
      expect((await rig.signalbox(['down'])).code).toBe(0);

      const verdict = judge(journalOf(rig.bus), open.id);
      expect(verdict.violations).toEqual([]);
      expect([...verdict.started]).toEqual([
        ['done', 1],
        ['next', 1],
      ]);
      expect(runNamed('unfinished').ended?.verdict).toBe('PASS');
      const older = told(release).runs.filter(({ verdict: kind }) => kind !== 'paused');
      expect(describeState(past().state).runs).toEqual(expect.arrayContaining([...older]));
      expect((await rig.signalbox(['doctor'])).code).toBe(0);
    },
    LONG_MS,
  );
});

const reportOf = (run: Run): string => join(rig.bus, layout.reportJson(run.id));
