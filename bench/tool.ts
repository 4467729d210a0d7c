import type { Dag } from './dags.js';
import { inNewFolder } from './place.js';
import type { Absent, Runner } from './runner.js';
import { wholeProcess } from './whole-process.js';

/** A tool that reads a workload from a file and is one process from its start to the workload's end. */
export interface Tool {
  readonly name: string;
  /** Writes the workload in the tool's own format. */
  readonly write: (dag: Dag, folder: string) => void;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Measured as a user waits for it: the whole process, its file written before. */
export function asRunner(tool: Tool | Absent): Runner | Absent {
  if ('remedy' in tool) return tool;
  const { name, write, argv, env = {} } = tool;
  return {
    name,
    run: dag =>
      inNewFolder(async folder => {
        write(dag, folder);
        return (await wholeProcess({ argv, cwd: folder, env })).ms;
      }),
  };
}
