import { basename, dirname, join } from 'node:path';
import type { Config } from '../../bus-schema/config.js';
import { workspaceLayout } from '../../bus-schema/workspace.js';

/** Whose work is prepared. */
export interface PreparedRun {
  /** The session folder, absolute. */
  readonly folder: string;
  /** Absolute path of the tasks file. */
  readonly taskFile: string;
}

export type Agents = NonNullable<Config['orchestrate']>;

const LONGEST = '10m';

/** The name of the run in which agents prepare another. */
export function preparationName({ taskFile }: PreparedRun): string {
  return `${basename(dirname(taskFile))}-preparation`;
}

/** A plan of our own format in which agents do what the scout, the task manager or both would do, one after the other. */
export function preparationPlan(run: PreparedRun, { scout, task_manager: grouper }: Agents): string {
  const tasks = [
    ...(scout === undefined
      ? []
      : [taskOf('scout', scout, 'Discover the context', scoutPrompt(run), join(run.folder, CONTEXT))]),
    ...(grouper === undefined
      ? []
      : [
          {
            ...taskOf('task-manager', grouper, 'Group the tasks', grouperPrompt(run), join(run.folder, PLAN)),
            // What the scout could not find out, the built-in one does; the tasks can be grouped without it.
            ...(scout === undefined ? {} : { depends_on: ['scout'] }),
          },
        ]),
  ];
  const settings = { on_failure: 'continue', retries: 0, timeout: LONGEST };
  return JSON.stringify({ signalbox: 1, name: preparationName(run), settings, tasks });
}

const { context: CONTEXT, executionPlan: PLAN } = workspaceLayout;

function taskOf(id: string, agent: string, title: string, prompt: string, result: string): object {
  return { id, title, agent, prompt, accept: `test -s ${quoted(result)}` };
}

/** For a shell: one word, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function scoutPrompt({ folder, taskFile }: PreparedRun): string {
  return `You look around before others begin to work. They will do the tasks in ${taskFile}, several at once.
Look through the repository in your working directory. Change nothing in it.

Then write ${join(folder, CONTEXT)}: one JSON object with these keys, lists sorted and short, paths relative to the repository, and no content of secrets:
- discovered_at: the time, UTC, ISO 8601
- structure: { directories, entry_points, config_files }, each a list of paths
- dependencies: { external, internal }, each a list of names
- functions: { path: { name: { line, type, exports } } } for what matters to the tasks
- patterns: { framework, style, testing, test_files, build_scripts }
- hot_files: a list of { path, modification_count }, the most often changed first
- entry_points: a list of paths

At the end write ${join(folder, workspaceLayout.outbox('scout'))}:
{ "status": "completed", "context_file": "${CONTEXT}", "summary": "one sentence" }`;
}

function grouperPrompt({ folder, taskFile }: PreparedRun): string {
  return `You decide in which order tasks are done, and which of them side by side. Do none of them yourself.
Read the tasks in ${taskFile}, and what is known of the repository in ${join(folder, CONTEXT)}.

Then write ${join(folder, PLAN)}: one JSON object
{ "generated_at": "UTC, ISO 8601", "total_tasks": n, "total_groups": n,
  "groups": [ { "id": "G1", "priority": "P0", "parallel": true, "tasks": ["T001"], "workers_needed": 1,
                "files_modified": ["path"], "rationale": "one sentence" } ],
  "conflict_map": { "path": ["T001"] } }

Groups are done one after the other. Name every task in exactly one of them, by its id. At most five tasks in a group, all of one
priority; a group of a more urgent priority comes first. A task stands in a later group than all that it depends on. Two tasks
that write the same file do not stand in one group; tasks that only read may.

At the end write ${join(folder, workspaceLayout.outbox('task-manager'))}:
{ "status": "completed", "execution_plan": "${PLAN}", "summary": "one sentence" }`;
}
