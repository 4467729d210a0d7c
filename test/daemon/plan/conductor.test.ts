import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import type { AskedPlan } from '../../../bus-schema/plan.js';
import { readPlan } from '../../../daemon/plan/read.js';
import { said, valueOf } from './said.js';

const TWO = ['dag:', '  nodes:', '    - id: "1.1"', '    - id: "1.2"', '      depends_on: ["1.1"]'].join(
  '\n',
);

const read = (text: string, file = 'plan.md'): AskedPlan =>
  valueOf(readPlan({ text, file, format: 'conductor' })).plan;
const complain = (text: string): string[] => said(readPlan({ text, file: 'plan.md', format: 'conductor' }));
const fenced = (yaml: string): string => `# P\n\n\`\`\`yaml\n${yaml}\n\`\`\`\n`;
const indented = (text: string, by: string): string => text.replaceAll(/^/gm, by);
const ids = (plan: AskedPlan): string[] => plan.tasks.map(({ id }) => id);

describe('the DAG block is found', () => {
  const block = `\`\`\`yaml\n${TWO}\n\`\`\`\n`;
  test.each([
    ['at the top', block],
    ['behind other fences', `\`\`\`yaml\nother: 1\n\`\`\`\n\n\`\`\`sh\necho dag:\n\`\`\`\n\n${block}`],
    ['between tildes', `~~~yml\n${TWO}\n~~~\n`],
    ['without a language', `\`\`\`\n${TWO}\n\`\`\`\n`],
    ['with more behind the language', `\`\`\`yaml title="dag"\n${TWO}\n\`\`\`\n`],
    ['in a list item', `- item\n\n${indented(block, '  ')}\n- next\n`],
    ['in a list item, indented by tabs', `1. item\n\n${indented(block, '\t')}\n`],
    ['behind a list marker', `- \`\`\`yaml\n${indented(TWO, '  ')}\n  \`\`\`\n`],
    ['within a longer fence', `\`\`\`\`markdown\n# Inner\n\n${block}\`\`\`\`\n`],
    ['within a fence of the same length', `\`\`\`markdown\n# Inner\n\n${block}\`\`\`\n`],
    ['never closed', `\`\`\`yaml\n${TWO}\n`],
    ['behind a comment', `\`\`\`yaml\n# the graph\n${TWO}\n\`\`\`\n`],
    ['with Windows line ends', block.replaceAll('\n', '\r\n')],
    [
      'real, although a sample stands in a longer fence',
      `\`\`\`\`md\n\`\`\`yaml\ndag: {nodes: [{id: "9"}]}\n\`\`\`\n\`\`\`\`\n${block}`,
    ],
  ])('%s', (_name, text) => {
    expect(ids(read(text))).toEqual(['1.1', '1.2']);
  });

  test('twice is once too often', () => {
    expect(complain(`${block}\n${block}`)).toEqual([
      'plan.md:9:1: error: there are two DAG blocks, in lines 1 and 9. Keep the one that counts.',
    ]);
  });

  test('errors in it have the line and column of the file', () => {
    const text = `# P\n\n- item\n\n${indented(`\`\`\`yaml\ndag:\n  nodes:\n    - id: "1.1"\n      depends_on: ["9.9"]\n\`\`\``, '    ')}\n`;
    expect(complain(text)).toEqual([
      'plan.md:9:24: error: task 1.1 depends on "9.9", which is not in the plan.',
    ]);
  });
});

describe('nodes', () => {
  test('only an id is needed', () => {
    expect(read(fenced('dag:\n  nodes:\n    - id: "1.1"')).tasks).toEqual([
      {
        id: '1.1',
        title: '1.1',
        files: [],
        access: 'write',
        dependsOn: [],
        priority: 2,
        env: {},
        done: false,
      },
    ]);
  });

  test('everything that is known is read, what is not is passed over', () => {
    const node = `dag:
  critical_path: ["1.1"]
  nodes:
    - id: "1.1"
      name: Write it
      type: setup
      files: ["\`src/a.ts\`:45-60", "src/b.ts (delete)", "web/**/*auth*"]
      depends_on:
      estimated_duration: 45 min
      phase: 0
      acceptance: it works
      note: [any, thing]`;
    expect(read(fenced(node)).tasks[0]).toMatchObject({
      title: 'Write it',
      type: 'setup',
      files: ['src/a.ts', 'src/b.ts', 'web/**/*auth*'],
      dependsOn: [],
      estimateMs: 45 * 60_000,
    });
    expect(read(fenced(node)).tasks[0]?.work).toBeUndefined();
    expect(read(fenced(node)).tasks[0]?.accept).toBeUndefined();
  });

  test.each([
    ['30m', 30],
    ['45 min', 45],
    ['2h', 120],
    ['1h 30m', 90],
    ['1.5 hours', 90],
    ['completed', undefined],
    ['30-45 min', undefined],
    ['a day', undefined],
    ['', undefined],
  ])('an estimate of "%s"', (text, minutes) => {
    const plan = read(fenced(`dag:\n  nodes:\n    - id: "1.1"\n      estimated_duration: "${text}"`));
    expect(plan.tasks[0]?.estimateMs).toBe(minutes === undefined ? undefined : minutes * 60_000);
  });

  test('all problems are told at once, in the order of the file', () => {
    const yaml = `dag:
  nodes:
    - id: 3.10
      files: ["../secret"]
    - id: "1.2"
      depends_on: "1.1"
      files: [/etc/passwd]
    - name: nobody
    - just text`;
    expect(complain(fenced(yaml))).toEqual([
      'plan.md:6:11: error: node number 1: id must be text, not the number 3.10, which becomes 3.1. Quote it: "3.10".',
      `plan.md:7:15: error: task 3.10: files: "../secret" leaves the repo; write it relative to the repo's root.`,
      'plan.md:9:19: error: task 1.2: depends_on must be a list, not "1.1". Write it as depends_on: ["1.1"].',
      `plan.md:10:15: error: task 1.2: files: "/etc/passwd" is not inside the repo; write it relative to the repo's root.`,
      'plan.md:11:7: error: node number 3: it has no id. Give it one, such as id: "1.1".',
      'plan.md:12:7: error: node number 4 must be a mapping, not "just text".',
    ]);
  });

  test.each([
    ['dag:', 'plan.md:4:5: error: dag must be a mapping, not nothing.'],
    ['dag:\n  nodes: []', 'plan.md:5:10: error: the plan has no tasks. List at least one task with an id.'],
    ['dag:\n  nodes: {a: 1}', 'plan.md:5:10: error: dag: nodes must be a list, not a mapping.'],
  ])('%s', (yaml, message) => {
    expect(complain(fenced(yaml))).toContain(message);
  });
});

describe('groups', () => {
  const nodes = 'dag:\n  nodes:\n    - {id: "1.1", files: [src/]}\n    - {id: "1.2", files: [src/a.ts]}\n';

  test('what is wrong with them is worth a warning', () => {
    const text = fenced(
      `${nodes}  parallel_groups:\n    - {id: pg-1, tasks: ["1.1", "1.2", "1.3"], conflict_free: true}`,
    );
    const { plan, warnings } = valueOf(readPlan({ text, file: 'plan.md' }));
    expect(plan.groups).toEqual([{ id: 'pg-1', tasks: ['1.1', '1.2', '1.3'], conflictFree: true }]);
    expect(warnings.map(formatDiagnostic)).toEqual([
      'plan.md:9:40: warning: parallel group pg-1 names task "1.3", which is not in the plan. Did you mean 1.1?',
      'plan.md:9:63: warning: parallel group pg-1 is marked conflict_free, but tasks 1.1 and 1.2 both write src. They will run one after the other.',
    ]);
  });

  test('a group that admits its conflict is in order', () => {
    const text = fenced(
      `${nodes}  parallel_groups:\n    - {id: pg-1, tasks: ["1.1", "1.2"], conflict_free: false}`,
    );
    const { plan, warnings } = valueOf(readPlan({ text, file: 'plan.md' }));
    expect(plan.groups[0]?.conflictFree).toBe(false);
    expect(warnings).toEqual([]);
  });
});

describe('name and track', () => {
  test.each([
    [
      'the first heading, not one in a fence',
      '```sh\n# no\n```\n# Yes: it — is #\n',
      'x/plan.md',
      'Yes: it — is',
      undefined,
    ],
    ['without a heading the file', '', 'x/alpha.plan.md', 'alpha', undefined],
    ['standard input', '', '-', 'plan', undefined],
    ['a track', '# T\n', '/repo/conductor/tracks/a_1/plan.md', 'T', 'a_1'],
    ['a track by a relative path', '# T\n', 'conductor/tracks/a_1/plan.md', 'T', 'a_1'],
  ])('%s', (_name, head, file, name, track) => {
    const plan = read(`${head}\n\`\`\`yaml\n${TWO}\n\`\`\`\n`, file);
    expect(plan.name).toBe(name);
    expect(plan.track).toBe(track);
  });
});

test('a task is done when every box of it is ticked', () => {
  const boxes =
    '- [x] Task 1.1: a\n- [x] **1.2** b\n- [ ] Task 1.2: c\n- [x] Task 9.9: d\n```\n- [ ] Task 1.1: sample\n```\n';
  expect(read(`${fenced(TWO)}${boxes}`).tasks.map(({ done }) => done)).toEqual([true, false]);
});
