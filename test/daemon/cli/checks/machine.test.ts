import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fileSystemFinding } from '../../../../daemon/cli/checks/bus-folder.js';
import type { ContainmentKind } from '../../../../bus-schema/containment.js';
import { fail, ok, type Result } from '../../../../bus-schema/result.js';
import { containmentFinding, machineFindings } from '../../../../daemon/cli/checks/machine.js';
import { freshFolder } from '../../../fresh-folder.js';

describe('what doctor says of a machine', () => {
  test.each([
    ['20.18.3', 'bad'],
    ['18.20.0', 'bad'],
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
  ])('Node %s is %s', (node, state) => {
    expect(machineFindings('', node)[0]).toMatchObject({ name: 'node', state });
  });

  test('without a program that takes locks nothing works; perl will do', () => {
    const { path, remove } = freshFolder();
    expect(machineFindings(path, '20.19.0')[1]).toMatchObject({ name: 'locks', state: 'bad' });
    writeFileSync(join(path, 'perl'), '');
    chmodSync(join(path, 'perl'), 0o755);
    expect(machineFindings(path, '20.19.0')[1]).toMatchObject({ name: 'locks', state: 'ok' });
    remove();
  });

  test('absent agents are no fault', () => {
    expect(machineFindings('', '20.19.0')[2]).toEqual({
      ...{ name: 'agents', state: 'ok' },
      message: 'not on PATH: claude, codex, gemini, opencode',
    });
  });
});

describe('what doctor says of containment', () => {
  const only =
    (...there: ContainmentKind[]) =>
    (kind: ContainmentKind): Result<true, string> =>
      there.includes(kind) ? ok(true) : fail(`${kind} is forbidden`);

  test('is the best that there is, and why what is better is not', () => {
    const best = containmentFinding('auto', only('reaper', 'namespace', 'group'), 'linux');
    expect(best).toMatchObject({ state: 'ok', message: expect.stringMatching(/^reaper: a process above/) });
    expect(best.message).toContain('no cgroup: cgroup is forbidden; namespace is there too');
  });

  test('is what was asked for, or that it is not to be had and what is', () => {
    const machine = only('cgroup', 'group');
    expect(containmentFinding('group', machine, 'linux').message).toMatch(/^group: .*escapes it/);
    expect(containmentFinding('namespace', machine, 'linux')).toMatchObject({
      state: 'bad',
      message: expect.stringContaining('no namespace: namespace is forbidden'),
      remedy: 'Set containment to auto, cgroup, group',
    });
  });

  test('says what escapes it where there is nothing better', () => {
    const nothing = containmentFinding('auto', only('group'), 'linux');
    expect(nothing.message).toContain('cleared its environment and left the session escapes');
    expect(containmentFinding('auto', only('group'), 'darwin')).toMatchObject({ state: 'warn' });
  });
});

describe('what doctor says of a file system', () => {
  test.each([
    [0xef53, 'ok', 'local'],
    [0x6969, 'warn', 'NFS'],
    [0xff534d42 | 0, 'warn', 'CIFS'],
    [0x01021994, 'warn', 'tmpfs'],
  ])('%p is %s', (type, state, word) => {
    const finding = fileSystemFinding(type);
    expect(finding.state).toBe(state);
    expect(finding.message).toContain(word);
  });
});
