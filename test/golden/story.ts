import type { Fact } from '../../bus-schema/fact.js';
import type { RunId, TaskId } from '../../bus-schema/ids.js';
import type { Review } from '../../bus-schema/plan.js';
import type { RepoPath } from '../../bus-schema/repo-path.js';
import type { Severity } from '../../bus-schema/severity.js';
import { parseDuration } from '../../bus-schema/duration.js';
import type { Message } from '../../daemon/scheduler/message.js';
import { aPlan, SchedulerRig, type TaskSketch } from '../daemon/scheduler/rig.js';

/**
 * A story: commands, each with the facts that follow from it, as a text that can be read. A block is one command (a
 * `submit` has its tasks below it), `----`, and the answer. The file is rewritten with GOLDEN=rewrite; keep only changes
 * that you can explain.
 */
export function tell(story: string): string {
  const rig = new SchedulerRig();
  const blocks = story.split(/\n{2,}/).map(block => block.trimEnd());
  return `${blocks.map(block => answer(rig, block)).join('\n\n')}\n`;
}

function answer(rig: SchedulerRig, block: string): string {
  if (block.startsWith('#')) return block;
  const [command = ''] = block.split('\n----');
  const facts = carryOut(rig, command.trim().split('\n'));
  const lines = facts.map(describe);
  return [command, '----', ...(lines.length === 0 ? ['nothing'] : lines)].join('\n');
}

function carryOut(rig: SchedulerRig, [line = '', ...below]: string[]): readonly Fact[] {
  const [verb = '', ...words] = line.split(' ');
  const [first = '', second] = words;
  const run = 'run-1' as RunId;
  const task = first as TaskId;
  switch (verb) {
    case 'submit':
      return submit(rig, words, below);
    case 'complete':
      return rig.complete(first);
    case 'fail':
      return rig.fail(first);
    case 'lose':
      return rig.say({ type: 'Exited', attempt: rig.attempt(first), outcome: { kind: 'lost', message: 'its worker died' } });
    case 'end':
      return rig.say({ type: 'Exited', attempt: rig.attempt(first), outcome: { kind: 'failed', reason: 'signal', message: 'ended by SIGTERM' } });
    case 'report':
      return rig.say({
        type: 'Reported',
        attempt: rig.attempt(first),
        outcome: second === 'failed' ? { kind: 'failed', reason: 'reported', message: 'no good' } : { kind: 'complete' },
        source: { file: 'f', inode: 1, mtimeMs: 1 },
      });
    case 'stall':
      return rig.say({ type: 'Stalled', attempt: rig.attempt(first) });
    case 'lock':
      return rig.say({ type: 'LocksAsked', attempt: rig.attempt(first), paths: words.slice(1) as RepoPath[] });
    case 'unlock':
      return rig.say({
        type: 'LocksGivenBack',
        attempt: rig.attempt(first),
        paths: second === 'all' ? 'all' : (words.slice(1) as RepoPath[]),
      });
    case 'give-way':
      return rig.say({
        type: 'Exited',
        attempt: rig.attempt(first),
        outcome: { kind: 'failed', reason: second === 'conflict' ? 'conflict' : 'deadlock', message: 'gave way' },
      });
    case 'outside':
      return rig.say({
        type: 'OutsideLockSeen',
        worker: first,
        path: (second ?? '') as RepoPath,
        expiresAt: rig.at + 60_000,
        acquiredWall: '',
      });
    case 'cancel':
      return rig.say({ type: 'Cancel', run, ...(first === '' ? {} : { task }) });
    case 'retry':
      return rig.say({ type: 'Retry', run, task });
    case 'review':
      return review(rig, first, words.slice(1));
    case 'abandon':
      return rig.say({ type: 'Abandon', run, message: words.join(' ') });
    case 'limit':
      return rig.say({ type: 'SetLimit', maxParallel: Number(first) });
    case 'wait':
      return wait(rig, first);
    default:
      return rig.say(simple(verb));
  }
}

/** `review a` approves; `review a high low` finds issues of these severities. */
function review(rig: SchedulerRig, task: string, severities: readonly string[]): readonly Fact[] {
  const issues = severities.map(severity => ({ severity: severity as Severity, location: 'src/x:1', issue: 'wrong' }));
  const verdict = { approved: severities.length === 0, summary: '', issues };
  return rig.say({ type: 'Exited', attempt: rig.attempt(task), outcome: { kind: 'complete', verdict } });
}

function simple(verb: string): Message {
  switch (verb) {
    case 'pause':
      return { type: 'Pause' };
    case 'resume':
      return { type: 'Resume' };
    case 'drain':
      return { type: 'Drain' };
    case 'boot':
      return { type: 'Boot', bootId: 'boot-2', pid: 2, version: '0', seed: 'other', maxParallel: 100 };
    default:
      throw new Error(`a story knows no "${verb}"`);
  }
}

function wait(rig: SchedulerRig, text: string): readonly Fact[] {
  const parsed = parseDuration(text, 'refused');
  if (!parsed.ok) throw new Error(parsed.error);
  rig.at += parsed.value;
  return rig.say({ type: 'Tick' });
}

function submit(rig: SchedulerRig, words: readonly string[], below: readonly string[]): readonly Fact[] {
  const settings = Object.fromEntries(
    words.map((word): [string, unknown] => {
      const [key = '', value = ''] = word.split('=');
      return [key, /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
  const { limit, ...others } = settings;
  return rig.submit(aPlan(below.map(sketch), others, typeof limit === 'number' ? { review: limit } : {}));
}

/** `b needs=a,c files=src/x priority=0 retries=1`. */
function sketch(line: string): TaskSketch {
  const [id = '', ...words] = line.trim().split(' ');
  const fields = words.map((word): [string, unknown] => {
    const [key = '', value = ''] = word.split('=');
    if (key === 'needs' || key === 'files') return [key, value.split(',')];
    if (key === 'done') return [key, true];
    if (key === 'review') return [key, reviewed(value)];
    return [key, /^\d+$/.test(value) ? Number(value) : value];
  });
  return { id, ...(Object.fromEntries(fields) as Partial<TaskSketch>) };
}

/** `review=2:medium`: two reviews at most, medium issues and above are mended. */
function reviewed(text: string): Review {
  const [rounds, blockOn = 'low'] = text.split(':');
  const work = { kind: 'shell', command: 'true' } as const;
  return { review: work, fix: work, rounds: Number(rounds), blockOn: blockOn as Severity };
}

function describe(fact: Fact): string {
  switch (fact.type) {
    case 'AttemptStarted':
      return `AttemptStarted ${fact.task} number ${fact.number} on ${fact.worker}${fact.stage === undefined ? '' : ` to ${fact.stage}`}`;
    case 'TaskBlocked':
      return `TaskBlocked ${fact.task} by ${fact.holder} for ${fact.path}`;
    case 'AttemptSettled':
      return `AttemptSettled ${fact.task} ${fact.outcome.kind}`;
    case 'AttemptStopping':
      return `AttemptStopping ${fact.task} ${fact.reason}`;
    case 'OutcomeReported':
      return `OutcomeReported ${fact.task} ${fact.outcome.kind}`;
    case 'StageBegun':
      return `StageBegun ${fact.task} ${fact.stage} ${fact.round}`;
    case 'TaskEnded': {
      const why = fact.end.kind === 'skipped' ? ` because of ${fact.end.cause}` : '';
      return `TaskEnded ${fact.task} ${fact.end.kind}${why}${fact.unblocks.length === 0 ? '' : ` unblocks ${fact.unblocks.join(' ')}`}`;
    }
    case 'RetryScheduled':
      return `RetryScheduled ${fact.task} in ${fact.delayMs} ms`;
    case 'LocksTaken':
      return `LocksTaken ${fact.task} ${fact.paths.join(' ')}`;
    case 'LocksAwaited':
      return `LocksAwaited ${fact.task} ${fact.paths.join(' ')} by ${fact.holder} for ${fact.path}`;
    case 'LocksReleased':
      return `LocksReleased ${fact.task} ${[...fact.paths, ...fact.withdrawn.map(path => `(${path})`)].join(' ')}`;
    case 'DeadlockResolved':
      return `DeadlockResolved ${fact.task} of ${fact.cycle.join(' ')}`;
    case 'OutsideLockTaken':
      return `OutsideLockTaken ${fact.path} by ${fact.worker}`;
    case 'OutsideLockReleased':
      return `OutsideLockReleased ${fact.path} by ${fact.worker}: ${fact.why}`;
    case 'TaskDeferred':
    case 'DeferredDue':
      return `${fact.type} ${fact.task}`;
    case 'RetryDue':
      return `RetryDue ${fact.task}`;
    case 'TaskReopened':
      return `TaskReopened ${fact.task} revives ${fact.revives.join(' ')}`;
    case 'WaveStarted':
      return `WaveStarted ${fact.wave}: ${fact.unblocks.join(' ')}`;
    case 'RunStopping':
      return `RunStopping ${fact.reason}: ${fact.message}`;
    case 'RunEnded':
      return `RunEnded ${fact.verdict}`;
    case 'RunsPruned':
      return `RunsPruned ${fact.runs.join(' ')}`;
    case 'RunSubmitted':
    case 'DaemonStarted':
    case 'Paused':
    case 'Resumed':
    case 'LimitSet':
    case 'DrainStarted':
    case 'WorkerLost':
      return fact.type;
  }
}
