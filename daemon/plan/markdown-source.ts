import type { Reading } from './fields.js';
import { wrong, type Path, type Place, type Source } from './source.js';

/** The line of a task, counted from 0, or of one of its dependencies. */
export type LineOf = (task: number, dependency: number | undefined) => number | undefined;

/**
 * Markdown as a source of diagnostics: what is said of it has a line, and the column where that begins. A path is a line,
 * or leads to a task (`tasks`, its number) or on to one of its dependencies (their key, their number).
 */
export function sourceOf(lines: readonly string[], file: string, lineOf: LineOf): Source {
  const lineAt = ([root, number, , position]: Path): number => {
    if (typeof number !== 'number') return 0;
    return root === 'line' ? number : (lineOf(number, position as number | undefined) ?? 0);
  };
  return {
    file,
    value: undefined,
    warnings: [],
    placeOf(path): Place {
      const line = lineAt(path);
      return { line: line + 1, column: Math.max(0, (lines[line] ?? '').search(/\S/)) + 1 };
    },
    writtenAt: () => '',
  };
}

/** A warning at a line. */
export function warn(reading: Reading, line: number, message: string, remedy: string): void {
  reading.problems.push({ ...wrong(['line', line], message, remedy), severity: 'warning' });
}

/** An error at a line. */
export function refuse(reading: Reading, line: number, message: string, remedy?: string): void {
  reading.problems.push(wrong(['line', line], message, remedy));
}
