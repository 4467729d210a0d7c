import type { Plan, Task } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import type { PlanOutline } from './plan-outline.js';

/** A plan as a Mermaid flowchart: done tasks and the critical path are marked. */
export function planMermaid(plan: Plan, { criticalPath }: PlanOutline): string {
  const critical = new Set(criticalPath.path);
  const nodes = new Map(plan.tasks.map((task, ordinal) => [task.id, `t${ordinal}`]));
  const lines = ['flowchart LR'];
  for (const [ordinal, task] of plan.tasks.entries()) {
    const mark = task.done ? ':::done' : critical.has(task.id) ? ':::critical' : '';
    lines.push(`  t${ordinal}["${label(task)}"]${mark}`);
  }
  for (const [ordinal, { dependsOn }] of plan.tasks.entries())
    for (const before of dependsOn) lines.push(`  ${nodes.get(before) ?? ''} --> t${ordinal}`);
  lines.push(
    '  classDef done fill:#dddddd,color:#666666',
    '  classDef critical stroke:#cc0000,stroke-width:3px',
  );
  return `${lines.join('\n')}\n`;
}

function label({ id, title }: Task): string {
  const text = printable(title, 60);
  return text === '' || text === id ? escape(id) : `${escape(id)}<br>${escape(text)}`;
}

/** Whatever could end the label, begin markup or an entity, by its number. */
function escape(text: string): string {
  return text.replace(/["#&<>`;[\]{}()|\\]/g, character => `#${character.charCodeAt(0)};`);
}
