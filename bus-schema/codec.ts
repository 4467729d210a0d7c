import type { z } from 'zod';
import { fail, ok, type Result } from './result.js';

/** Deepest nesting that is handed to a parser or a schema; real plans and events stay below ten. */
const DEEPEST = 64;

/**
 * JSON text as a value that fits a schema, or one sentence for each thing that does not fit. Nesting is counted before
 * any recursion can follow it.
 */
export function decodeJson<T>(text: string, schema: z.ZodType<T>): Result<T, string[]> {
  if (nestingOf(text) > DEEPEST) return fail([`it is nested deeper than ${DEEPEST} levels`]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail([`it is not valid JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : fail(parsed.error.issues.map(describeIssue));
}

/** `tasks.0.files: expected array, received string`. */
export function describeIssue(issue: { path: PropertyKey[]; message: string }): string {
  const place = issue.path.map(String).join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}

/** How deep brackets and braces are nested, strings left out; linear, without recursion. */
export function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
