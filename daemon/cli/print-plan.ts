import type { Config } from '../../bus-schema/config.js';
import type { Plan } from '../../bus-schema/plan.js';
import { unreachable } from '../../bus-schema/result.js';
import { outlineOf } from './plan-outline.js';
import { planMermaid } from './plan-mermaid.js';
import { planText } from './plan-text.js';
import { planYaml } from './plan-yaml.js';
import { jsonText } from './terminal.js';

/** How a plan can be shown. */
export const PLAN_FORMS = ['text', 'json', 'yaml', 'mermaid'] as const;
export type PlanForm = (typeof PLAN_FORMS)[number];

/**
 * A plan, everything in it decided, as a text that ends with a line end.
 * @param config that the plan was resolved with: it says how agents are called.
 */
export function printPlan(plan: Plan, as: PlanForm, config: Config = {}): string {
  switch (as) {
    case 'text':
      return planText(plan, outlineOf(plan));
    case 'json':
      return `${jsonText({ plan, ...outlineOf(plan) }, 2)}\n`;
    case 'yaml':
      return planYaml(plan, config);
    case 'mermaid':
      return planMermaid(plan, outlineOf(plan));
    default:
      return unreachable(as);
  }
}
