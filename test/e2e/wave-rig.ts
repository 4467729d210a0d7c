import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Plan } from '../../bus-schema/plan.js';
import { judge } from '../oracle/journal-oracle.js';
import { journalOf, Rig, type Ended } from './rig.js';
import { WITNESS } from './witness.js';

/** How the agents were called, a line each. */
const CALLS = 'calls.log';

export const DONE = `printf '{"taskId": "%s", "status": "completed", "summary": "Did %s", "filesModified": [], "errors": []}\\n' "$SIGNALBOX_TASK_ID" "$SIGNALBOX_TASK_ID"`;

/** What a result says of a task that answered with `DONE`. */
export const did = (id: string): object => ({ status: 'completed', summary: `Did ${id}` });

/** A repo with programs by the names of agents, on the PATH of what is run. Each notes how it was called, works, and answers. */
export class WaveRig extends Rig {
  claude({ works = ':', answers = DONE }: { works?: string; answers?: string } = {}): void {
    this.write(
      'bin/claude',
      [
        '#!/bin/sh',
        '[ "$1" = --print ] || exit 64',
        'model=none; [ "$2" != --model ] || { model=$3; shift 2; }',
        '[ $# = 2 ] || exit 64',
        `echo "claude $SIGNALBOX_STAGE $SIGNALBOX_TASK_ID $model" >> ${CALLS}`,
        'printf "%s" "$2" > "prompt.$SIGNALBOX_TASK_ID.$SIGNALBOX_ATTEMPT"',
        `echo "begin $SIGNALBOX_TASK_ID" >> ${WITNESS}`,
        works,
        `echo "end $SIGNALBOX_TASK_ID" >> ${WITNESS}`,
        'echo "This is what I did. {It is all there.}"; echo; echo "\\`\\`\\`json"',
        answers,
        'echo "\\`\\`\\`"',
        '',
      ].join('\n'),
      0o755,
    );
  }

  /** @param verdicts what it prints in its first call, its second …; the last also in all that follow. */
  codex(...verdicts: readonly string[]): void {
    for (const [index, verdict] of verdicts.entries()) this.write(`bin/verdict.${index + 1}`, `${verdict}\n`);
    this.write(
      'bin/codex',
      [
        '#!/bin/sh',
        '[ "$1" = exec ] && [ $# = 2 ] || exit 64',
        `echo "codex $SIGNALBOX_STAGE $SIGNALBOX_TASK_ID" >> ${CALLS}`,
        'printf "%s" "$2" > "prompt.$SIGNALBOX_TASK_ID.$SIGNALBOX_ATTEMPT"',
        `n=$(grep -c "^codex review $SIGNALBOX_TASK_ID$" ${CALLS})`,
        `[ "$n" -le ${verdicts.length} ] || n=${verdicts.length}`,
        // As it does: what it was asked, and then its answer.
        'echo "user"; echo "$2"; echo "codex"; cat "bin/verdict.$n"',
        '',
      ].join('\n'),
      0o755,
    );
  }

  /** Calls the program with a wave on its standard input. */
  wave(input: string, args: readonly string[] = [], command = 'run'): Promise<Ended> {
    const path = `${join(this.repo, 'bin')}:${process.env.PATH ?? ''}`;
    return this.signalbox([command, '-', ...args], { input, env: { PATH: path } });
  }

  /** What stands on standard output, all of it, is the result; and the journal shows no breach of a rule. */
  resultOf({ stdout }: Ended): unknown {
    for (const each of this.runs()) expect(judge(journalOf(this.bus), each).violations).toEqual([]);
    const result: unknown = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  }

  /** As the journal has it. */
  plannedAs(): Plan {
    const [plan] = journalOf(this.bus)
      .flatMap(record => record.facts)
      .flatMap(fact => (fact.type === 'RunSubmitted' ? [fact.plan] : []));
    if (plan === undefined) throw new Error('the journal knows no plan');
    return plan;
  }

  get calls(): string[] {
    return this.lines(CALLS);
  }

  promptOf(task: string, attempt: number): string {
    return this.read(`prompt.${task}.${attempt}`);
  }
}
