import type { StartOrder } from '../../bus-schema/assignment.js';
import type { Issue } from '../../bus-schema/outcome.js';
import type { Work } from '../../bus-schema/plan.js';
import type { Attempt } from '../ports.js';

/** What the config says about how commands are ended and their output is kept. */
export interface CommandLimits {
  readonly settleGraceMs: number;
  readonly killGraceMs: number;
  readonly logCapBytes: number;
}

export function startOrder(attempt: Attempt, cwd: string, limits: CommandLimits): StartOrder {
  const { run, task } = attempt.node;
  const work = workOf(attempt);
  return {
    do: 'start',
    run: run.id,
    task: task.id,
    attempt: attempt.id,
    number: attempt.number,
    token: attempt.token,
    // A prompt that goes by standard input is read from its file; the order stays small.
    work: work.kind === 'agent' ? { ...work, prompt: '' } : work,
    ...(attempt.stage === 'work' ? {} : { stage: attempt.stage }),
    cwd,
    files: task.files,
    env: task.env,
    timeoutMs: task.timeoutMs,
    ...limits,
    ...(task.output === undefined || attempt.stage !== 'work' ? {} : { output: task.output }),
    ...(task.accept === undefined || attempt.stage === 'review' ? {} : { accept: task.accept }),
    ...answerOf(attempt),
  };
}

function answerOf({ stage, node }: Attempt): Pick<StartOrder, 'answer'> {
  if (stage === 'review') return { answer: 'verdict' };
  return node.task.answers === true ? { answer: 'result' } : {};
}

/** What this attempt is to do of its task. */
export function workOf({ stage, node }: Attempt): Work {
  const { work, review } = node.task;
  if (stage === 'work' || review === undefined) return work;
  return stage === 'review' ? review.review : withIssues(review.fix, node.reviewed?.verdict.issues ?? []);
}

/** Together with the prompt around them they must fit into one argument of a command line. */
const LONGEST_ISSUES = 20_000;

/** Puts what a review found behind the prompt, wherever in the call that stands. */
function withIssues(work: Work, issues: readonly Issue[]): Work {
  if (work.kind === 'shell') return work;
  const prompt = `${work.prompt}\n\n${textOf(issues)}`;
  return { ...work, prompt, argv: work.argv.map(token => token.replace(work.prompt, () => prompt)) };
}

function textOf(issues: readonly Issue[]): string {
  let text = '';
  for (const [index, { severity, location, issue, suggestion }] of issues.entries()) {
    const advice = suggestion === undefined || suggestion === '' ? '' : `\n  ${suggestion}`;
    const line = `- ${severity.toUpperCase()} ${location}: ${issue}${advice}\n`;
    if (text.length + line.length > LONGEST_ISSUES) return `${text}- and ${issues.length - index} more\n`;
    text += line;
  }
  return text;
}
