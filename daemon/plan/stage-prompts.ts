import type { AskedTask } from '../../bus-schema/plan.js';

/** What an agent is asked beside its prompt, as a grammar: were it an example, an echo of it could be taken for an answer. */
const ANSWER_SHAPE =
  '"status": "completed" | "failed" | "needs_context", "summary": text, "filesModified": [path, …], "errors": [text, …]';
const ISSUE_SHAPE =
  '{"severity": "HIGH" | "MEDIUM" | "LOW", "location": "path:line", "issue": text, "suggestion": text}';

/** Stands behind the prompt of a task that is to say what became of it. */
export function answerRequest({ id }: Pick<AskedTask, 'id'>): string {
  return `

When you are done, say what became of task ${id}. The last thing you print must be one JSON object of this shape, and nothing after it:
{"taskId": "${id}", ${ANSWER_SHAPE}}
The status is completed if everything that was asked is done, failed if it could not be done, and needs_context if you need to know or see more before you can begin; then say what in "reason", and list files that you need in "requestedFiles". The summary says in at most 500 characters what you did, for whoever goes on from there; errors says what went wrong, and is [] if nothing did.`;
}

/** For the agent that looks at a task's work: `asked` is what the worker was told. */
export function reviewPrompt(task: AskedTask, asked: string): string {
  return `Review the work on task ${titled(task)}.

${quoteOf(asked)}

${filesOf(task)}

Read whatever you need to judge the work, but change nothing: no file is to be edited, made, moved or deleted, and nothing is to be committed.

End with a verdict. The last thing you print must be one JSON object of this shape, and nothing after it:
{"status": "approved" | "needs_fixes", "issues": [${ISSUE_SHAPE}, …], "summary": text}
The status is approved if nothing has to be mended. HIGH is what is wrong or dangerous, MEDIUM what will cause trouble, LOW everything else. The location is a path in the repo with the line, and the suggestion says how the issue could be mended.`;
}

/** For the agent that mends what a review found; the issues follow behind it. */
export function fixPrompt(task: AskedTask, asked: string): string {
  const answer = task.answers === true ? answerRequest(task) : '';
  return `Mend the work on task ${titled(task)}: it was done, and a review of it found issues.

${quoteOf(asked)}

${filesOf(task)}

Look at each issue, and mend it where it stands. Where one is mistaken, leave the work as it is and say why. Do nothing beyond that.${answer}

These are the issues that the review found:`;
}

function titled({ id, title }: AskedTask): string {
  return title === id ? id : `${id} (${title.trim()})`;
}

/** Set apart, so that it is not taken for what is to be done now. */
function quoteOf(asked: string): string {
  const lines = asked.trim().split('\n');
  return ['What was asked of whoever did it:', '', ...lines.map(line => `> ${line}`.trimEnd())].join('\n');
}

function filesOf({ files }: AskedTask): string {
  if (files.length === 0) return 'The task names no files.';
  return ['Files that the task names:', ...files.map(file => `- ${file}`)].join('\n');
}
