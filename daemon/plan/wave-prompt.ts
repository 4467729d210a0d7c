/** What a wave says of a task to the agent that does it. */
export interface WaveContext {
  readonly description: string | undefined;
  /** The kind of agent that the plan wants. */
  readonly role: string | undefined;
  readonly instructions: readonly string[];
  /** As it is written there, whatever it is. */
  readonly outputs: unknown;
  readonly constraints: unknown;
  /** What has no meaning for us may have one for the agent. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** Sentences for the constraints that are known. */
const CONSTRAINTS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  maxReadFiles: value => (typeof value === 'number' ? `Read at most ${value} files.` : undefined),
  maxWriteFiles: value => (typeof value === 'number' ? `Write at most ${value} files.` : undefined),
  allowBashCommands: value =>
    typeof value === 'boolean'
      ? value
        ? 'Shell commands may be run.'
        : 'Run no shell commands.'
      : undefined,
};

/** The text that an agent is given for a task of a wave. */
export function wavePrompt(id: string, files: readonly string[], context: WaveContext): string {
  const { description, role, instructions, more } = context;
  const parts = [`Task ${id}${description === undefined ? '' : `: ${description.trim()}`}`];
  if (role !== undefined) parts.push(`Work as ${role}.`);
  parts.push(
    ...section(
      'Instructions:',
      instructions.map(text => text.trim()),
    ),
    ...section('Files of this task, which nobody else writes while you are at it:', files.map(item)),
    ...section('What came of the tasks before it:', outputLines(context.outputs)),
    ...section('Constraints:', constraintLines(context.constraints)),
    ...section('Further context, as JSON:', Object.keys(more).length > 0 ? [jsonOf(more)] : []),
  );
  return parts.join('\n\n').replaceAll('\0', '\\u0000'); // an argument cannot carry it
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [[heading, ...lines].join('\n')];
}

function outputLines(outputs: unknown): string[] {
  if (outputs === undefined) return [];
  const list = Array.isArray(outputs) ? (outputs as readonly unknown[]) : [outputs];
  return list.map(output => {
    const { taskId, summary } = partsOf(output);
    const plain = typeof taskId === 'string' && typeof summary === 'string';
    return item(plain ? `${taskId}: ${summary}` : output);
  });
}

function constraintLines(constraints: unknown): string[] {
  if (constraints === undefined) return [];
  if (Array.isArray(constraints)) return (constraints as readonly unknown[]).map(item);
  if (typeof constraints !== 'object' || constraints === null) return [item(constraints)];
  return Object.entries(constraints).map(([key, value]) => {
    const known = Object.hasOwn(CONSTRAINTS, key) ? CONSTRAINTS[key]?.(value) : undefined;
    return item(known ?? `${key}: ${textOf(value)}`);
  });
}

function partsOf(value: unknown): { readonly taskId?: unknown; readonly summary?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

const item = (value: unknown): string => `- ${textOf(value)}`;
const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : JSON.stringify(value));
const jsonOf = (value: unknown): string => JSON.stringify(value, null, 2);
