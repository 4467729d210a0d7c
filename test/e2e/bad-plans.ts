/** A plan of our own format with these tasks; they begin in line 4. */
export const yaml = (tasks: string): string => `signalbox: 1\nname: bad\ntasks:\n${tasks}`;
const conductor = (nodes: string): string => `# Bad\n\n\`\`\`yaml\ndag:\n  nodes:\n${nodes}\`\`\`\n`;

/** A plan that must be refused. It is called `plan`. */
export interface BadPlan {
  readonly what: string;
  readonly text: string;
  /** Parts of what is said, each with the place it is said of. */
  readonly said: readonly (string | RegExp)[];
}

export const BAD_PLANS: readonly BadPlan[] = [
  {
    what: 'no plan at all',
    text: 'Dear diary,\n',
    said: ['plan: error: this is not a plan', 'signalbox: 1'],
  },
  { what: 'an empty file', text: '', said: ['plan: error: this is not a plan'] },
  {
    what: 'broken YAML',
    text: 'signalbox: 1\ntasks:\n  - id: a\n    files: [src/, lib\n    command: make\n',
    said: [/^plan:[45]:\d+: error: /m],
  },
  {
    what: 'broken YAML within Markdown',
    text: conductor('    - id: "1.1"\n      name: "no end\n'),
    said: [/^plan:[78]:\d+: error: /m],
  },
  {
    what: 'broken JSON',
    text: '{ "signalbox": 1,\n  "tasks": [ { "id": "a", } ] }\n',
    said: [/^plan:2:\d+: error: /m],
  },
  {
    what: 'an unknown key',
    text: yaml('  - id: a\n    comand: make\n'),
    said: ['plan:5:5: error: ', 'comand', 'Did you mean command?'],
  },
  {
    what: 'an id used twice',
    text: yaml('  - { id: a, command: make }\n  - { id: b, command: make }\n  - { id: a, command: make }\n'),
    said: ['plan:4:11: error: task id a is used more than once: first here', 'plan:6:11: error: task id a '],
  },
  {
    what: 'a dependency that is not there',
    text: yaml(
      '  - { id: compile, command: make }\n  - { id: link, command: make, depends_on: [compiel] }\n',
    ),
    said: [
      'plan:5:45: error: task link depends on "compiel", which is not in the plan. Did you mean compile?',
    ],
  },
  {
    what: 'a task that depends on itself',
    text: yaml('  - { id: a, command: make, depends_on: [a] }\n'),
    said: ['plan:4:42: error: task a depends on itself'],
  },
  {
    what: 'a circle',
    text: conductor(
      ['a:c', 'b:a', 'c:b', 'd:c']
        .map(pair => pair.split(':'))
        .map(([id, on]) => `    - id: "${String(id)}"\n      depends_on: ["${String(on)}"]\n`)
        .join(''),
    ),
    said: [/^plan:7:20: error: tasks depend on each other in a circle: a → c → b → a\./m],
  },
  {
    what: 'an id that is a path',
    text: yaml('  - { id: ../x, command: make }\n'),
    said: ['plan:4:11: error: "../x" is no task id', 'letters, digits'],
  },
  {
    what: 'an empty id',
    text: yaml('  - { id: "", command: make }\n'),
    said: ['plan:4:11: error: "" is no task id'],
  },
  {
    what: 'no id',
    text: yaml('  - { command: make }\n'),
    said: [/^plan:4:5: error: task number 1: it has no id|plan:4:\d+: error: .*no id/m],
  },
  {
    what: 'an id of 300 characters',
    text: yaml(`  - { id: ${'x'.repeat(300)}, command: make }\n`),
    said: [/^plan:4:11: error: "x{20,100}.*" is no task id\. An id is 1 to 100 /m],
  },
  {
    what: 'an id that YAML reads as a number',
    text: conductor('    - id: 3.10\n      name: ten\n'),
    said: [/^plan:6:11: error: .*3\.10.*"3\.10"/m],
  },
  {
    what: 'a path outside of the repo',
    text: yaml(
      '  - { id: a, command: make, files: [src, ../../other/file.ts] }\n  - { id: b, command: make, files: [/srv] }\n',
    ),
    said: [
      'plan:4:42: error: task a: files: "../../other/file.ts" leaves the repo',
      'plan:5:37: error: task b: files: "/srv" is not inside the repo',
    ],
  },
  {
    what: 'several things at once',
    text: yaml('  - { id: a, comand: make }\n  - { id: a, command: make, retries: -1, timeout: soon }\n'),
    said: [
      'plan:4:',
      'comand',
      'plan:5:',
      'more than once',
      /^plan:5:\d+: error: .*retries/m,
      /^plan:5:\d+: error: .*"soon" is not a duration/m,
    ],
  },
  {
    what: 'terminal escapes in an id',
    text: 'signalbox: 1\ntasks:\n  - { id: "\\e[2Jx", command: make }\n',
    said: ['plan:3:11: error: '],
  },
];
