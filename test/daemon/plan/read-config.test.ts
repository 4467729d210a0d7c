import { describe, expect, test } from '@jest/globals';
import { mergeConfigs, readConfig } from '../../../daemon/plan/read-config.js';
import { said, valueOf } from './said.js';

test('durations and sizes are read', () => {
  const text =
    'timeout: 30m\nheartbeat: 500\nbackoff: {first: 2s}\nlog_cap: 1MiB\nagents:\n  mine: {command: [m, "{prompt}"]}\n';
  expect(valueOf(readConfig(text, 'c.yaml'))).toEqual({
    timeout: 1_800_000,
    heartbeat: 500,
    backoff: { first: 2000 },
    log_cap: 1024 ** 2,
    agents: { mine: { command: ['m', '{prompt}'], env: [] } },
  });
});

test.each(['', '# nothing yet\n', '{}', '\ufeff'])('%j is an empty config', text => {
  expect(valueOf(readConfig(text, 'c.yaml'))).toEqual({});
});

describe('what is wrong is said with its place', () => {
  test.each([
    [
      'a: 1\nretry: 2',
      [
        'c.yaml:1:1: error: the config: a is not a key',
        'c.yaml:2:1: error: the config: retry is not a key that is known here. Did you mean retries?',
      ],
    ],
    [
      'parallelism:\n  maxParalelTasks: 3',
      [
        'c.yaml:2:3: error: parallelism: maxParalelTasks is not a key that is known here. Did you mean maxParallelTasks?',
      ],
    ],
    [
      'agents:\n  x:\n    comand: [y]\n    command: [y]',
      ['c.yaml:3:5: error: agents.x: comand is not a key that is known here. Did you mean command?'],
    ],
    [
      'timeout: soon',
      [
        'c.yaml:1:10: error: timeout: "soon" is not a duration; write a duration as 30m, 90s, 1500ms or 1h30m, or as bare milliseconds.',
      ],
    ],
    ['timeout: [1]', ['c.yaml:1:10: error: timeout: it must be text or a number, not a list.']],
    [
      'on_failure: halt',
      ['c.yaml:1:13: error: on_failure: it must be one of continue, stop, retry, not "halt".'],
    ],
    ['retries: two', ['c.yaml:1:10: error: retries: it must be a number, not "two".']],
    ['retries: 1.5', ['c.yaml:1:10: error: retries: it must be a whole number, not the number 1.5.']],
    ['retries: 200', ['c.yaml:1:10: error: retries: it must be at most 100, not the number 200.']],
    [
      'parallelism: {maxParallelTasks: 0}',
      ['c.yaml:1:33: error: parallelism.maxParallelTasks: it must be more than 0, not the number 0.'],
    ],
    ['agents: {x: {env: []}}', ['c.yaml:1:13: error: agents.x.command: it must be a list, not nothing.']],
    ['agents: {x: {command: []}}', ['c.yaml:1:23: error: agents.x.command: it is empty.']],
    ['agents: {x: {command: [""]}}', ['c.yaml:1:24: error: agents.x.command.0: it is empty.']],
    [
      'log_cap: big',
      ['c.yaml:1:10: error: log_cap: "big" is not a size; write it as 64MiB, 500kB or bytes.'],
    ],
    ['- a', ['c.yaml:1:1: error: the config: it must be a mapping, not a list.']],
    ['a: "', ['c.yaml:1:5: error: not valid YAML']],
  ])('%s', (text, messages) => {
    const lines = said(readConfig(text, 'c.yaml'));
    expect(lines).toEqual(messages.map(message => expect.stringContaining(message)));
  });
});

test('the config of the bus wins, key by key', () => {
  const repo = {
    timeout: 1,
    retries: 1,
    backoff: { first: 1, longest: 1 },
    agents: { a: { command: ['repo'], env: [] }, b: { command: ['repo'], env: [] } },
    agent_env: ['REPO'],
  };
  const bus = {
    retries: 2,
    backoff: { longest: 2 },
    agents: { b: { command: ['bus'], env: [] } },
    agent_env: ['BUS'],
  };
  expect(mergeConfigs(repo, bus)).toEqual({
    timeout: 1,
    retries: 2,
    backoff: { first: 1, longest: 2 },
    agents: { a: { command: ['repo'], env: [] }, b: { command: ['bus'], env: [] } },
    agent_env: ['BUS'],
  });
  expect(mergeConfigs({}, {})).toEqual({});
  expect(mergeConfigs(repo, {})).toEqual(repo);
  expect(mergeConfigs(repo, { retries: undefined })).toEqual(repo);
});
