import type { PlanFormat } from '../../../bus-schema/plan.js';

/** A text of a length to be chosen, made when it is wanted. */
export interface LongText {
  readonly name: string;
  /** The formats whose readers it is meant to hurt; they are the first to try. */
  readonly aims: readonly PlanFormat[];
  /** About so many characters; some are a little longer, and a few a lot shorter where that is enough. */
  readonly text: (size: number) => string;
}

const DAG = '# P\n\n```yaml\ndag:\n  nodes:\n    - id: "1.1"\n      name: "a"\n';
const NATIVE = 'signalbox: 1\ntasks:\n';
const YAML: readonly PlanFormat[] = ['native', 'dispatch', 'wave'];
const MARKDOWN: readonly PlanFormat[] = ['conductor', 'orchestrate', 'wave'];
const ALL: readonly PlanFormat[] = [...YAML, 'conductor', 'orchestrate'];

/** The unit again and again between two texts. */
function row(unit: string, before = '', after = ''): LongText['text'] {
  return size => {
    const room = Math.max(1, size - before.length - after.length);
    return before + unit.repeat(Math.ceil(room / unit.length)) + after;
  };
}

/** One piece after the other, each made from its number. */
export function series(piece: (index: number) => string, before = '', after = ''): LongText['text'] {
  return size => {
    const pieces = [before];
    for (let index = 0, length = before.length; length < size; index++) {
      const next = piece(index);
      pieces.push(next);
      length += next.length;
    }
    return pieces.join('') + after;
  };
}

export const kind = (name: string, aims: readonly PlanFormat[], text: LongText['text']): LongText => ({
  name,
  aims,
  text,
});

const ROWS: readonly LongText[] = [
  ...Object.entries({
    'letters in one line': 'a',
    blanks: ' ',
    'line ends': '\n',
    dashes: '-',
    'nested lists in one line': '- ',
    'back-ticks': '`',
    'opening brackets': '[',
    'closing brackets': ']',
    'opening parentheses': '(',
    'nested mappings': '{a: ',
    aliases: '*a ',
    tags: '! ',
    'NUL characters': '\0',
    'lone surrogates': '\ud800',
    comments: '<!-- ',
    'boxes in one line': '- [ ] ',
    'boxes in many lines': '- [ ] \n',
    'marks of headings': '#',
    documents: '---\n',
    'ends of documents': '...\n',
    '__proto__ keys': '__proto__: 1\n',
    fences: '```\n',
    'DAG blocks': '```yaml\ndag:\n',
    'equal tasks': '- [ ] Task 1: a\n',
    'equal headings': '### Task 1: a\n',
    'equal headings of a tasks file': '### T001: a\n',
  }).map(([name, unit]) => kind(name, ALL, row(unit))),
];

/** What stands in a title, in a list of files, of dependencies, in a comment; the last letter keeps it from being the end. */
const IN_LINES: readonly LongText[] = Object.entries({
  blanks: ' ',
  'back-ticks': '`',
  emphasis: '*_',
  'opening parentheses': '(',
  'blanks and parentheses': ' (',
  commas: ', ',
  'paths in back-ticks': '`a.ts` ',
  'openings of comments': '<!-- ',
  ranges: '1-',
  'ranges of tasks': 'T001-T002, ',
  arrows: 'T001 -> ',
  'keys of comments': 'deps: 1, ',
}).flatMap(([name, unit]) => [
  kind(`${name} in lines of a task`, MARKDOWN, size => {
    const row = unit.repeat(Math.ceil(size / 8 / unit.length));
    const places = ['- **Files**: ', '- **Depends on**: ', '- **Type**: ', '**Success**: '];
    const said = places.map(place => `${place}a${row}x\n`).join('');
    return `### Task 1: a${row}x\n${said}<!-- deps: ${row}x -->\n### T001: a${row}x\n**Depends**: ${row}x\n`;
  }),
]);

const SERIES: readonly LongText[] = [
  kind(
    'tasks',
    MARKDOWN,
    series(i => `- [ ] Task ${i}: a\n`),
  ),
  kind(
    'tasks and what they depend on',
    MARKDOWN,
    series(i => `- [ ] Task ${i}: a <!-- deps: ${i >> 1}, ${i + 1}, parallel: g${i} -->\n`),
  ),
  kind(
    'ranges of all tasks before',
    MARKDOWN,
    series(i => `### T${i}: a\n**Depends**: T0-T${i - 1}\n`, '## P0 Critical\n'),
  ),
  kind('ranges of all in one line', MARKDOWN, size => {
    const tasks = series(i => `- [ ] Task ${i}: a\n`)(size / 2);
    return row('1-9000, ', `${tasks}  - **Depends on**: `)(size);
  }),
  kind(
    'unknown dependencies',
    MARKDOWN,
    series(i => `Z${i}1, `, '### Task 1: a\n- **Depends on**: '),
  ),
  kind(
    'files, each in its line',
    MARKDOWN,
    series(i => `- src/a${i}.ts\n`, '### Task 1: a\n- **Files**:\n'),
  ),
  kind(
    'boxes beside a DAG',
    ['conductor'],
    series(i => `- [x] Task ${i}: a\n`, `${DAG}\`\`\`\n`),
  ),
  kind(
    'fences that grow',
    MARKDOWN,
    series(i => `${'`'.repeat(3 + i)}\n`),
  ),
  kind(
    'steps deeper and deeper',
    ALL,
    series(i => `${' '.repeat(i)}- [ ] Task ${i}: a\n`),
  ),
  kind(
    'mappings deeper and deeper',
    YAML,
    series(i => `${' '.repeat(i)}a:\n`, 'signalbox:\n'),
  ),
  kind('short texts in one list', YAML, row('a,', 'signalbox: 1\ntasks: [', ']')),
  kind('empty mappings in one list', YAML, row('{},', 'signalbox: 1\ntasks: [', ']')),
  kind('as many short texts as are read', YAML, size => {
    const list = row('a,', 'signalbox: 1\ntasks: [', ']')(size * 0.23);
    return `${list}\n# ${'x'.repeat(size - list.length)}\n`;
  }),
  kind('as many short tasks as are read', YAML, size => {
    const list = series(i => `- {id: t${i}, command: x}\n`, 'signalbox: 1\ntasks:\n')(size * 0.5);
    return `${list}# ${'x'.repeat(size - list.length)}\n`;
  }),
  kind('numbers for files', YAML, row('1,', `${NATIVE} - id: a\n   targetFiles: &f [1]\n   files: [`, ']')),
  kind(
    'keys',
    YAML,
    series(i => `k${i}: 1\n`, 'signalbox: 1\n'),
  ),
  kind('equal keys', YAML, row('k: 1\n', 'signalbox: 1\n')),
  kind(
    'variables that are numbers',
    YAML,
    series(i => `      K${i}: 1\n`, `${NATIVE}  - id: a\n    command: x\n    env:\n`),
  ),
  kind(
    'anchors',
    YAML,
    series(i => `- &a${i} b\n`, NATIVE),
  ),
  kind(
    'aliases without anchors',
    YAML,
    series(i => `- *a${i}\n`, NATIVE),
  ),
  kind(
    'unknown tags',
    YAML,
    series(i => `- !t${i} a\n`, NATIVE),
  ),
  kind(
    'a circle of all tasks',
    YAML,
    series(i => ` - {id: a${i}, depends_on: [a${i + 1}, a0]}\n`, NATIVE),
  ),
  kind(
    'a wave of tasks without anything',
    ['wave'],
    series(i => `,{"id":"t${i}"}`, '{"wave":1,"tasks":[{"id":"a"}', ']}'),
  ),
  kind('JSON numbers for tasks', YAML, row(',1', '{"signalbox":1,"wave":1,"tasks":[1', ']}')),
  kind(
    'JSON keys',
    YAML,
    series(i => `,"k${i}":1`, '{"signalbox":1', '}'),
  ),
  kind('JSON equal keys', YAML, row(',"k":1', '{"signalbox":1', '}')),
  kind('JSON lists in an open text', YAML, row('[', '{"signalbox": "\n')),
  kind('JSON mappings in lists', YAML, row('{"a":[', '{"signalbox":1,"tasks":')),
  kind('JSON comments', YAML, row('/*"*/', '{"signalbox":1,')),
  kind('escapes', YAML, row('\\u0000', 'signalbox: 1\nname: "', '"\n')),
  kind('wrong escapes', YAML, row('\\q', 'signalbox: 1\nname: "', '"\n')),
  kind('lines of one text', YAML, row('a b c\n ', 'signalbox: 1\nname: "', '"\n')),
];

/** Lists that stand in many places by their name. */
const BOMBS: readonly LongText[] = [
  kind('an alias bomb', YAML, size => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]\n`);
    return row('# \n', `signalbox: 1\nl0: &l0 [x]\n${levels.join('')}`)(size);
  }),
  kind('a long list at many places', YAML, size => {
    const others = Array.from({ length: 90 }, (_, i) => ` - {id: a${i}, files: *f}\n`).join('');
    return row('x,', `${NATIVE} - {id: a, files: &f [`, `]}\n${others}`)(size);
  }),
];

/** What the groups of a DAG can do. */
const GROUPS: readonly LongText[] = [
  ...[
    ['files of none', ''],
    ['one file of all', ', files: [a]'],
  ].map(([name = '', files = '']) =>
    kind(`a group with ${name}`, ['conductor'], size => {
      const ids = Array.from({ length: size / 52 }, (_, i) => `"${i}a"`);
      const nodes = ids.map(id => `  - {id: ${id}${files}}\n`).join('');
      const group = `{id: p, tasks: [${ids.join(',')}], conflict_free: true}`;
      return `\`\`\`yaml\ndag:\n  nodes:\n${nodes}  parallel_groups: [${group}]\n\`\`\`\n`;
    }),
  ),
  kind('a group of tasks that are not there', ['conductor'], size => {
    const nodes = series(i => `  - {id: "${i}a"}\n`)(size / 2);
    const members = series(i => `x${i}y,`, '', 'z')(size / 2);
    return `\`\`\`yaml\ndag:\n  nodes:\n${nodes}  parallel_groups: [{tasks: [${members}]}]\n\`\`\`\n`;
  }),
  kind('many groups of two tasks with many files', ['conductor'], size => {
    const files = (letter: string): string => Array.from({ length: 400 }, (_, i) => `"${letter}${i}"`).join();
    const nodes = `[{id: "1a", files: [${files('a')}]}, {id: "2a", files: [${files('b')}]}]`;
    const groups = '    - {tasks: ["1a", "2a"], conflict_free: true}\n'.repeat(size / 58);
    return `\`\`\`yaml\ndag:\n  nodes: ${nodes}\n  parallel_groups:\n${groups}\`\`\`\n`;
  }),
  kind('groups of long globs', ['conductor'], size => {
    const glob = (letter: string): string => `"${`*${letter}`.repeat(500)}"`;
    const nodes = `[{id: "1a", files: [${glob('a')}]}, {id: "2a", files: [${glob('b')}]}]`;
    const groups = '    - {tasks: ["1a", "2a"], conflict_free: true}\n'.repeat(size / 52);
    return `\`\`\`yaml\ndag:\n  nodes: ${nodes}\n  parallel_groups:\n${groups}\`\`\`\n`;
  }),
  kind(
    'paths of blanks',
    ALL,
    series(() => `        - "a${' '.repeat(4000)}b"\n`, `${DAG}      files:\n`, '```\n'),
  ),
];

/** Texts that nobody wrote to be run. */
export const NOISE: readonly LongText[] = [...ROWS, ...IN_LINES, ...SERIES, ...BOMBS, ...GROUPS];
