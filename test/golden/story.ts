import type { Fact } from '../../bus-schema/fact.js';
import type { RunId, TaskId } from '../../bus-schema/ids.js';
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
    case 'cancel':
      return rig.say({ type: 'Cancel', run, ...(first === '' ? {} : { task }) });
    case 'retry':
      return rig.say({ type: 'Retry', run, task });
    case 'limit':
      return rig.say({ type: 'SetLimit', maxParallel: Number(first) });
    case 'wait':
      return wait(rig, first);
    default:
      return rig.say(simple(verb));
  }
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
  return rig.submit(aPlan(below.map(sketch), settings));
}

/** `b needs=a,c files=src/x priority=0 retries=1`. */
function sketch(line: string): TaskSketch {
  const [id = '', ...words] = line.trim().split(' ');
  const fields = words.map((word): [string, unknown] => {
    const [key = '', value = ''] = word.split('=');
    if (key === 'needs' || key === 'files') return [key, value.split(',')];
    if (key === 'done') return [key, true];
    return [key, /^\d+$/.test(value) ? Number(value) : value];
  });
  return { id, ...(Object.fromEntries(fields) as Partial<TaskSketch>) };
}

function describe(fact: Fact): string {
  switch (fact.type) {
    case 'AttemptStarted':
      return `AttemptStarted ${fact.task} number ${fact.number} on ${fact.worker}`;
    case 'TaskBlocked':
      return `TaskBlocked ${fact.task} by ${fact.holder} for ${fact.path}`;
    case 'AttemptSettled':
      return `AttemptSettled ${fact.task} ${fact.outcome.kind}`;
    case 'AttemptStopping':
      return `AttemptStopping ${fact.task} ${fact.reason}`;
    case 'OutcomeReported':
      return `OutcomeReported ${fact.task} ${fact.outcome.kind}`;
    case 'TaskEnded': {
      const why = fact.end.kind === 'skipped' ? ` because of ${fact.end.cause}` : '';
      return `TaskEnded ${fact.task} ${fact.end.kind}${why}${fact.unblocks.length === 0 ? '' : ` unblocks ${fact.unblocks.join(' ')}`}`;
    }
    case 'RetryScheduled':
      return `RetryScheduled ${fact.task} in ${fact.delayMs} ms`;
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
