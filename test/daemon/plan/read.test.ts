import { describe, expect, test } from '@jest/globals';
import { readPlan } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

const YAML = 'name: build\nsignalbox: 1\ntasks:\n  - id: a\n    command: "true"\n';
const JSON_PLAN = '{"signalbox": 1, "tasks": [{"id": "a", "command": "true"}]}';
const MARKDOWN = '# Alpha\n\n```yaml\ndag:\n  nodes:\n    - id: "1"\n```\n';

describe('the format is known by the content', () => {
  test.each([
    ['YAML with the mark anywhere at the top level', YAML, 'native', 'build'],
    ['JSON', JSON_PLAN, 'native', 'plan'],
    ['JSON behind a byte order mark', `\ufeff${JSON_PLAN}`, 'native', 'plan'],
    ['Markdown with a DAG block', MARKDOWN, 'conductor', 'Alpha'],
    ['Markdown with Windows line ends', MARKDOWN.replaceAll('\n', '\r\n'), 'conductor', 'Alpha'],
    [
      'a plan of ours whose prompt shows a DAG block',
      `signalbox: 1\nname: inner\ntasks:\n  - id: a\n    agent: claude\n    prompt: |\n${MARKDOWN.replaceAll(/^/gm, '      ')}\n`,
      'native',
      'inner',
    ],
  ])('%s', (_name, text, format, name) => {
    const { plan } = valueOf(readPlan({ text, file: '-' }));
    expect(plan).toMatchObject({ format, name });
    expect(plan.tasks).toHaveLength(1);
  });

  test.each([
    ['an empty file', ''],
    ['prose', '# Notes\n\nsome text\n'],
    ['foreign YAML', 'version: 3\nservices: {}\n'],
    ['foreign JSON', '{"name": "x"}'],
    ['a DAG outside of a fence', 'dag:\n  nodes: []\n'],
  ])('%s is no plan, and the message names what was looked for', (_name, text) => {
    expect(said(readPlan({ text, file: 'x.md' }))).toEqual([
      'x.md: error: this is not a plan: neither a top-level signalbox: key (YAML or JSON), nor tasks: whose entries have an agent and a prompt, or a taskId or targetFiles, nor a fenced yaml block with a top-level dag: key or tasks such as `- [ ] Task 1.1: …` or `### T001: …` (Markdown) were found. Put signalbox: 1 at the beginning of a plan, or name its format with --format.',
    ]);
  });
});

test('a format that is given is not questioned', () => {
  expect(said(readPlan({ text: YAML, file: 'p.yaml', format: 'conductor' }))).toEqual([
    'p.yaml: error: neither a fenced yaml block with a top-level dag: key was found nor a task, such as "- [ ] Task 1.1: …", "- [ ] **1.1** …" or "### Task 1: …". Put the DAG between ```yaml and ```, or write the tasks in one of these ways.',
  ]);
  expect(said(readPlan({ text: 'tasks: [{id: a}]', file: 'p.yaml', format: 'native' }))).toEqual([
    'p.yaml:1:1: error: the plan: signalbox must be 1, the version of the format, not nothing. Write signalbox: 1.',
  ]);
});

test('the plan knows its file only by an absolute path', () => {
  expect(valueOf(readPlan({ text: YAML, file: 'p.yaml' })).plan.source).toBeUndefined();
  expect(valueOf(readPlan({ text: YAML, file: '/r/p.yaml' })).plan.source).toBe('/r/p.yaml');
  expect(valueOf(readPlan({ text: YAML, file: 'p.yaml', source: '/r/p.yaml' })).plan.source).toBe(
    '/r/p.yaml',
  );
});

test('a text beyond the limit is refused before anything reads it', () => {
  expect(said(readPlan({ text: `signalbox: 1\n${'#'.repeat(4 * 1024 ** 2)}`, file: 'p.yaml' }))).toEqual([
    'p.yaml: error: the file is larger than the 4 MiB that are read of YAML and Markdown. Write a plan of this size as JSON.',
  ]);
});
