import type { Fact } from '../../bus-schema/fact.js';
import type { Issue, Verdict } from '../../bus-schema/outcome.js';
import type { Severity } from '../../bus-schema/severity.js';
import { laneOf, makeReady } from './admit.js';
import { joinLockClass, leaveLockClass } from './lock.js';
import type { Attempt, Stage, State, TaskNode } from './state.js';

/** The lane whose limit holds for reviews, whatever they review. */
const REVIEW_TYPE = 'review';

const GRAVITY: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2 };

/**
 * The next stage of a task whose present one is complete: work, review, fix, review … until a review leaves nothing to
 * mend or there have been as many as the task allows. Nothing when the task is complete.
 */
export function nextStage(attempt: Attempt, verdict: Verdict | undefined): Fact | undefined {
  const { node, stage } = attempt;
  const { review, id } = node.task;
  if (review === undefined) return undefined;
  const rounds = node.reviewed?.rounds ?? 0;
  const begin = (next: 'review' | 'fix', round: number): Fact => ({
    type: 'StageBegun',
    run: node.run.id,
    task: id,
    stage: next,
    round,
    after: attempt.id,
  });
  if (stage !== 'review') return begin('review', rounds + 1);
  const left = issuesToMend(node, verdict);
  // This review is not counted in the state yet.
  return left.length === 0 || rounds + 1 >= review.rounds ? undefined : begin('fix', rounds + 1);
}

/** What a verdict holds that is grave enough to be mended. */
export function issuesToMend(node: TaskNode, verdict: Verdict | undefined): readonly Issue[] {
  const { review } = node.task;
  if (review === undefined || verdict === undefined || verdict.approved) return [];
  return verdict.issues.filter(({ severity }) => GRAVITY[severity] >= GRAVITY[review.blockOn]);
}

/** How a stage names itself where it failed; the work itself needs no name. */
export function stageWords(node: TaskNode): string {
  const unnamed: Readonly<Record<Stage, string>> = {
    work: '',
    review: 'its review failed: ',
    fix: 'mending what its review found failed: ',
  };
  return unnamed[node.stage];
}

/** The task is ready again, for its next stage. A review reads the files that the work has written. */
export function beginStage(state: State, node: TaskNode, stage: 'review' | 'fix'): void {
  const { task, run } = node;
  node.stage = stage;
  // Each stage has all of the task's retries.
  node.forgiven = node.attempts;
  node.lane = laneOf(run, stage === 'review' ? REVIEW_TYPE : task.type);
  leaveLockClass(state, node);
  node.lockClass = joinLockClass(state, task.files, stage === 'review' ? 'read' : task.access);
  makeReady(node);
}
