import { join } from 'node:path';
import { decodeJson, describeIssue } from '../../../bus-schema/codec.js';
import { journalRecordSchema } from '../../../bus-schema/fact.js';
import type { RunId } from '../../../bus-schema/ids.js';
import { layout } from '../../../bus-schema/layout.js';
import { planSchema } from '../../../bus-schema/plan.js';
import { readIfThere } from '../../../bus-schema/store/read-file.js';
import { decodeRecord } from '../../journal/record-line.js';
import { SegmentFolder } from '../../journal/segments.js';
import { brokenInvariants } from '../../scheduler/invariants.js';
import { replay, type Replay } from '../../replay.js';
import { bad, doubtful, fine, type Finding } from './finding.js';

/** So many problems of a kind are told. */
const MOST_TOLD = 5;

export interface JournalCheck {
  readonly findings: readonly Finding[];
  /** What the journal says, if it can be read at all. */
  readonly past: Replay | undefined;
}

/** Whether the journal is sound: in its bytes, in its order, and, which nobody else looks at, in its every field. */
export function checkJournal(bus: string, daemonIsUp: boolean): JournalCheck {
  const past = replay(bus);
  if (!past.ok) {
    const { file, message, remedy } = past.error;
    return {
      past: undefined,
      findings: [bad('journal', `${file}: ${message}`, remedy ?? 'Restore it from a backup')],
    };
  }
  const { end, state } = past.value;
  const problems = [...recordProblems(join(bus, layout.journal)), ...brokenInvariants(state)];
  const findings =
    problems.length === 0
      ? [fine('journal', `${end.seq} ${end.seq === 1 ? 'record' : 'records'}, all of them sound`)]
      : told('journal', problems, 'Use the version of signalbox that wrote it; restore it from a backup');
  const plans = [...state.runs.keys()].flatMap(run => planProblems(bus, run));
  findings.push(
    ...(plans.length === 0
      ? [fine('plans', `${state.runs.size} ${state.runs.size === 1 ? 'run' : 'runs'}, each with its plan`)]
      : told('plans', plans, 'Put the plan back as it was, from a backup')),
  );
  // While a daemon writes, the last record may be half there.
  if (end.tornBytes > 0 && !daemonIsUp)
    findings.push(
      doubtful(
        'journal',
        `a crash left ${end.tornBytes} bytes of an unfinished record`,
        'None: the next start cuts them',
      ),
    );
  return { past: past.value, findings };
}

function* recordProblems(folder: string): Iterable<string> {
  const segments = new SegmentFolder(folder);
  for (const segment of segments.names()) {
    for (const [index, line] of segments.read(segment).toString('utf8').split('\n').entries()) {
      const decoded = decodeRecord(line);
      if (decoded.kind !== 'record') continue;
      const parsed = journalRecordSchema.safeParse(decoded.record);
      if (parsed.success) continue;
      yield `${segment}, line ${index + 1}: ${parsed.error.issues.map(describeIssue).join('; ')}`;
    }
  }
}

/** Its digest fits, as the replay has shown; here its every field is looked at. */
function planProblems(bus: string, run: RunId): string[] {
  const text = readIfThere(join(bus, layout.runPlan(run)));
  if (text === undefined) return [`the plan of run ${run} is missing`];
  const decoded = decodeJson(text, planSchema);
  return decoded.ok ? [] : decoded.error.map(problem => `plan of run ${run}: ${problem}`);
}

function told(name: string, problems: readonly string[], remedy: string): Finding[] {
  const rest = problems.length - MOST_TOLD;
  return [
    ...problems.slice(0, MOST_TOLD).map(problem => bad(name, problem, remedy)),
    ...(rest > 0 ? [bad(name, `and ${rest} more like these`, remedy)] : []),
  ];
}
