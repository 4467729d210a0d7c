import type { PlanFormat } from '../../bus-schema/plan.js';
import { kind, series, type LongText } from '../../test/daemon/plan/long-texts.js';

/** Plans that are as they should be, one or two of each format. */
export const WRITTEN: readonly (LongText & { readonly format: PlanFormat })[] = (
  [
    [
      'conductor',
      'a DAG',
      series(
        i =>
          `    - id: "${i}.1"\n      name: "Build part ${i}"\n      type: "code"\n      files: ["src/part/a${i}.ts"]\n      depends_on: [${i === 0 ? '' : `"${i >> 1}.1"`}]\n`,
        '# P\n\n```yaml\ndag:\n  nodes:\n',
        '```\n',
      ),
    ],
    [
      'conductor',
      'boxes with notes',
      series(
        i =>
          `- [ ] Task 1.${i}: Build part ${i} <!-- deps: ${i === 0 ? 'none' : `1.${i >> 1}`} -->\n  - **Files**: \`src/part/a${i}.ts\`\n  - **Acceptance**: it works as it is said\n`,
        '# P\n\n## Tasks\n\n',
      ),
    ],
    [
      'dispatch',
      'agents',
      series(
        i =>
          `  - id: review-${i}\n    agent: code-reviewer\n    prompt: |\n      Review part ${i} of the code.\n      Say what is wrong with it.\n    output: reviews/${i}.md\n`,
        'name: reviews\ntasks:\n',
      ),
    ],
    [
      'wave',
      'tasks',
      series(
        i =>
          `  - taskId: task-${i}\n    description: Build part ${i} as it is said\n    targetFiles: [src/part/a${i}.ts]\n    instructions: Do it well\n`,
        'wave: 1\ntasks:\n',
      ),
    ],
    [
      'orchestrate',
      'tasks',
      series(
        i =>
          `### T${String(i).padStart(3, '0')}: Build part ${i}\n**Files**: src/part/a${i}.ts\n**Depends**: none\n**Success**: it works\n- [ ] write it\n\n`,
        '# Tasks: parts\n\n## P1 High\n\n',
      ),
    ],
    [
      'native',
      'YAML',
      series(
        i =>
          `  - id: part-${i}\n    title: Build part ${i}\n    command: make part-${i}\n    files: [src/part/a${i}.ts]\n    depends_on: [${i === 0 ? '' : `part-${i >> 1}`}]\n`,
        'signalbox: 1\nname: parts\ntasks:\n',
      ),
    ],
    [
      'native',
      'JSON',
      series(
        i =>
          `${i === 0 ? '' : ','}{"id":"part-${i}","title":"Build part ${i}","command":"make part-${i}","files":["src/part/a${i}.ts"]}`,
        '{"signalbox":1,"name":"parts","tasks":[',
        ']}',
      ),
    ],
  ] as const
).map(([format, name, text]) => ({ ...kind(`${format}: ${name}`, [format], text), format }));
