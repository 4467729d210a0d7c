import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fileSystemFinding } from '../../../../daemon/cli/checks/bus-folder.js';
import { machineFindings } from '../../../../daemon/cli/checks/machine.js';
import { freshFolder } from '../../../fresh-folder.js';

describe('what doctor says of a machine', () => {
  test.each([
    ['20.18.3', 'bad'],
    ['18.20.0', 'bad'],
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
  ])('Node %s is %s', (node, state) => {
    expect(machineFindings('', node, 'linux')[0]).toMatchObject({ name: 'node', state });
  });

  test('without a program that takes locks nothing works; perl will do', () => {
    const { path, remove } = freshFolder();
    expect(machineFindings(path, '20.19.0', 'linux')[1]).toMatchObject({ name: 'locks', state: 'bad' });
    writeFileSync(join(path, 'perl'), '');
    chmodSync(join(path, 'perl'), 0o755);
    expect(machineFindings(path, '20.19.0', 'linux')[1]).toMatchObject({ name: 'locks', state: 'ok' });
    remove();
  });

  test('containment is what the system offers, and what escapes it is told', () => {
    const [, , linux] = machineFindings('', '20.19.0', 'linux');
    expect(linux?.message).toContain('process group + environment marker');
    expect(linux?.message).toContain('cleared its environment and left the session escapes');
    expect(machineFindings('', '20.19.0', 'darwin')[2]).toMatchObject({ state: 'warn' });
  });

  test('absent agents are no fault', () => {
    expect(machineFindings('', '20.19.0', 'linux')[3]).toEqual({
      ...{ name: 'agents', state: 'ok' },
      message: 'not on PATH: claude, codex, gemini, opencode',
    });
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
