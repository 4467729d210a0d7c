/** One thing that is wrong with an input: where, what, and what would be right. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Path as the user named it; `-` for standard input. */
  readonly file: string;
  /** Both count from 1; absent where the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly remedy?: string;
}

/** `plan.md:12:5: error: task 1.2 depends on 9.9, which is not in the plan. Did you mean 1.9?` */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, remedy } = diagnostic;
  const place = line === undefined ? file : `${file}:${line}${column === undefined ? '' : `:${column}`}`;
  const ended = remedy === undefined || /[.?!]$/.test(remedy) ? remedy : `${remedy}.`;
  return `${place}: ${severity}: ${message}.${ended === undefined ? '' : ` ${ended}`}`;
}
