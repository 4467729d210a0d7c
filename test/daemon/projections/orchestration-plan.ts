import type { Plan } from '../../../bus-schema/plan.js';
import { aPlan, type TaskSketch } from '../scheduler/rig.js';

/** Groups run one after the other; a task's group is the wave it is in. */
export function grouped(
  groups: readonly (readonly TaskSketch[])[],
  settings: Partial<Plan['settings']> = {},
): Plan {
  const sketches = groups.flatMap((group, wave) => group.map(each => ({ ...each, wave })));
  return {
    ...aPlan(sketches, { schedule: 'waves', ...settings }),
    format: 'orchestrate',
    groups: groups.map((group, place) => ({
      id: `G${place + 1}`,
      tasks: group.map(({ id }) => id),
      conflictFree: true,
    })),
  };
}
