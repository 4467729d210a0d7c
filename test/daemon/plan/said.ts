import { formatDiagnostic, type Diagnostic } from '../../../bus-schema/diagnostic.js';
import type { AskedPlan } from '../../../bus-schema/plan.js';
import type { Result } from '../../../bus-schema/result.js';
import { readPlan } from '../../../daemon/plan/read.js';

/** What a user would be told; empty if nothing is wrong. */
export function said(result: Result<unknown, Diagnostic[]>): string[] {
  return result.ok ? [] : result.error.map(formatDiagnostic);
}

/** What a result holds; a failure fails the test with what a user would be told. */
export function valueOf<T>(result: Result<T, Diagnostic[]>): T {
  if (!result.ok) throw new Error(said(result).join('\n'));
  return result.value;
}

/** A plan of our own format, from YAML without its first line. */
export const native = (yaml: string): AskedPlan =>
  valueOf(readPlan({ text: `signalbox: 1\n${yaml}`, file: 'p.yaml' })).plan;

export const complaints = (yaml: string): string[] =>
  said(readPlan({ text: `signalbox: 1\n${yaml}`, file: 'p.yaml' }));
