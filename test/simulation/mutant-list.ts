/** One rule of the protocol, broken in a copy of the source: a text that stands there once, and what takes its place. */
export interface Mutant {
  readonly breaks: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Each has to be caught, or the simulation does not see what it is there to see. */
export const MUTANTS: readonly Mutant[] = [
  {
    breaks: 'a decision is synced before it is acted on',
    file: 'daemon/journal/journal.ts',
    from: '    orHindered(() => {\n      this.#segment.sync();\n    });',
    to: '',
  },
  {
    breaks: 'acts come after the sync',
    file: 'daemon/loop.ts',
    from: '      this.#ports.journal.sync();\n      this.#act(record);',
    to: '      this.#act(record);\n      this.#ports.journal.sync();',
  },
  {
    breaks: 'what was read is synced before it is acted on',
    file: 'daemon/journal/journal.ts',
    from: '    else this.#segment.sync();',
    to: '',
  },
  {
    breaks: 'a torn tail is cut',
    file: 'daemon/journal/journal.ts',
    from: '    if (this.#segment.size > end.bytes) this.#segment.cut(end.bytes);',
    to: '    if (this.#segment.size > end.bytes) this.#segment.sync();',
  },
  {
    breaks: 'a dead attempt’s events are looked for once more before it is lost',
    file: 'daemon/rescue.ts',
    from: '    // Its outcome may have come in its last moment; only now nothing can come any more.\n    this.#intake.sweep();',
    to: '',
  },
  {
    breaks: 'an attempt is lost only when nothing of it lives',
    file: 'daemon/rescue.ts',
    from: '    if (survivors.length > 0) {',
    to: '    if (survivors.length > 9) {',
  },
  {
    breaks: 'what a dead worker leaves is ended first',
    file: 'daemon/rescue.ts',
    from: '    this.#pool.bury(attempt);\n  }',
    to: '    this.buried(attempt.id, []);\n  }',
  },
  {
    breaks: 'a stale token changes nothing',
    file: 'daemon/scheduler/attribution.ts',
    from: 'drop.token === undefined ? byTask(state, drop) : byToken(state, drop, drop.token)',
    to: 'byTask(state, drop)',
  },
  {
    breaks: 'a report frees nothing while the command lives',
    file: 'daemon/scheduler/attribution.ts',
    from: '  if (drop.outcome !== undefined && drop.token !== undefined) {',
    to: '  if (drop.outcome === undefined) return { kind: "message", run, message: { type: "Exited", attempt: attempt.id, outcome: reportedOutcome(drop) } };\n  if (drop.token !== undefined) {',
  },
  {
    breaks: 'a file that counted once counts never again',
    file: 'daemon/scheduler/attribution.ts',
    from: "  if (teller !== undefined) return { kind: 'known', run: teller.id };",
    to: '',
  },
  {
    breaks: 'files that are held are waited for',
    file: 'daemon/scheduler/dispatch.ts',
    from: '  if (conflict !== undefined) {',
    to: '  if (conflict !== undefined && node.attempts > 0) {',
  },
  {
    breaks: 'a slot is held until the attempt is settled',
    file: 'daemon/scheduler/dispatch.ts',
    from: 'state.attempts.size >= state.maxParallel',
    to: '[...state.attempts.values()].filter(each => each.stopping === undefined).length >= state.maxParallel',
  },
  {
    breaks: 'attempts are numbered',
    file: 'daemon/scheduler/dispatch.ts',
    from: '  const number = node.attempts + 1;',
    to: '  const number = 1;',
  },
  {
    breaks: 'an attempt of an earlier boot is never “not started”',
    file: 'daemon/rescue.ts',
    from: "attempt.bootId === state.bootId ? this.#pool.fateOf(attempt) : 'orphaned'",
    to: 'this.#pool.fateOf(attempt)',
  },
  {
    breaks: 'the boot is journalled',
    file: 'daemon/scheduler/evolve.ts',
    from: '      state.bootId = fact.bootId;',
    to: "      state.bootId = state.bootId === '' ? fact.bootId : state.bootId;",
  },
  {
    breaks: 'an attempt that nobody claimed is handed out again',
    file: 'daemon/rescue.ts',
    from: "      if (fate === 'unclaimed') this.#pool.start(attempt);",
    to: '',
  },
  {
    breaks: 'whoever comes back asks again for the end of what was being ended',
    file: 'daemon/rescue.ts',
    from: '        this.#pool.stop(attempt, attempt.stopping === undefined);',
    to: '',
  },
  {
    breaks: 'an adopted attempt keeps its worker: another process of that id does not have it',
    file: 'daemon/pool/claim-look.ts',
    from: "  return replaced ? 'orphaned' : 'alive';",
    to: "  return replaced ? 'alive' : 'alive';",
  },
  {
    breaks: 'time that nobody saw is held against nobody',
    file: 'daemon/clock.ts',
    from: 'Math.min(seen - this.#seen, LONGEST_GAP_MS)',
    to: '(seen - this.#seen)',
  },
  {
    breaks: 'time is not the wall’s',
    file: 'daemon/clock.ts',
    from: '    const seen = this.#machine.elapsed();',
    to: '    const seen = this.#machine.wall();',
  },
  {
    breaks: 'bus time goes on where the journal ended',
    file: 'daemon/clock.ts',
    from: '    this.#bus = last === 0 ? machine.wall() : last;',
    to: '    this.#bus = machine.wall();',
  },
  {
    breaks: 'retries come to an end',
    file: 'daemon/scheduler/retry.ts',
    from: '  if (used > node.task.retries ||',
    to: '  if (used > node.task.retries + 1 ||',
  },
  {
    breaks: 'all that wait for a failed task are skipped, not only the next',
    file: 'daemon/scheduler/task-end.ts',
    from: '    for (const dependent of next.dependents) pending.push(dependent);',
    to: '',
  },
  {
    breaks: 'only what is complete unblocks',
    file: 'daemon/scheduler/task-end.ts',
    from: "  if (fact.end.kind !== 'complete') return;",
    to: '',
  },
  {
    breaks: 'what waits for a file is woken when it comes free',
    file: 'daemon/scheduler/settle.ts',
    from: '  releaseWaiters(attempt);',
    to: '',
  },
  {
    breaks: 'what was decided is told when the teller died',
    file: 'daemon/loop.ts',
    from: '    for (const effect of untold.flatMap(effectsOf)) {',
    to: '    for (const effect of [] as Effect[]) {',
  },
  {
    breaks: 'nobody takes an attempt back that was claimed',
    file: 'daemon/rescue.ts',
    from: "    if (this.#pool.revoke(attempt) === 'revoked') {",
    to: '    this.#pool.revoke(attempt);\n    if (attempt.number > 0) {',
  },
  {
    breaks: 'an event that counts stays where it is until the decision is durable',
    file: 'daemon/intake.ts',
    from: '        source.keep(drop.file, meaning.run);\n        this.#after.push(() => {\n          this.#stow',
    to: '        source.consume(drop.file);\n        this.#after.push(() => {\n          this.#stow',
  },
  {
    breaks: 'a gap in which nobody looked is nobody’s silence',
    file: 'daemon/vigil.ts',
    from: '    this.#workers.excuse(ms);',
    to: '',
  },
  {
    breaks: 'it is no attempt’s silence either',
    file: 'daemon/vigil.ts',
    from: '    this.#attempts.excuse(ms);',
    to: '',
  },
  {
    breaks: 'it is no part of the time for which many silent ones are spared',
    file: 'daemon/vigil.ts',
    from: '    this.#doubts.worker.excuse(ms);',
    to: '',
  },
  {
    breaks: 'many that fall silent at once are spared for one more period',
    file: 'daemon/scheduler/self-doubt.ts',
    from: 'suspects >= 2 && suspects * 2 >= watched',
    to: 'suspects >= 9',
  },
  {
    breaks: 'a worker has missed three beats before it counts as frozen',
    file: 'daemon/pool/beats.ts',
    from: 'const MISSED_BEATS = 3;',
    to: 'const MISSED_BEATS = 2;',
  },
  {
    breaks: 'the daemon ends nothing before its timeout is over',
    file: 'daemon/scheduler/stall.ts',
    from: 'attempt.node.task.timeoutMs + TIMEOUT_SLACK_MS;\n}\n\n/** Bus time at',
    to: '60_000;\n}\n\n/** Bus time at',
  },
  {
    breaks: 'each attempt has a token of its own',
    file: 'daemon/scheduler/dispatch.ts',
    from: 'hex128(state.seed, attempt)',
    to: 'hex128(state.seed, task.id)',
  },
  {
    breaks: 'the journal goes on in the segment in which it ended',
    file: 'daemon/journal/journal.ts',
    from: 'segments.open(end.segment ?? segmentName(end.seq + 1))',
    to: 'segments.open(segmentName(end.seq + 1))',
  },
  {
    breaks: 'whatever may start is started, not one a turn',
    file: 'daemon/loop.ts',
    from: "    while (take({ type: 'Dispatch' }));",
    to: "    take({ type: 'Dispatch' });",
  },
  {
    breaks: 'what is nobody’s is put away',
    file: 'daemon/intake.ts',
    from: "      case 'stray':\n        this.#after.push(() => {\n          source.reject(drop.file, meaning.why);\n        });\n        return undefined;",
    to: "      case 'stray':\n        return undefined;",
  },
  {
    breaks: 'an outcome that was told stands, whatever the command does after',
    file: 'daemon/scheduler/settle.ts',
    from: '  if (attempt.reported !== undefined && !undone) {',
    to: '  if (attempt.reported !== undefined && attempt.number < 0) {',
  },
  {
    breaks: 'a segment that stands for others is synced before it counts',
    file: 'daemon/journal/compaction.ts',
    from: '      this.#staged.sync();\n',
    to: '',
  },
  {
    breaks: 'segments that another stands for go only when that one counts',
    file: 'daemon/journal/compaction.ts',
    from: '    this.#staged.place(first);\n    this.#segments.remove(others);',
    to: '    this.#segments.remove(others);\n    this.#staged.place(first);',
  },
  {
    breaks: 'segments that a crash left behind are passed over',
    file: 'daemon/journal/read-journal.ts',
    from: '    if (isSuperseded(segment, end.seq)) {',
    to: '    if (segment === "") {',
  },
  {
    breaks: 'a compacted journal knows how far it had come',
    file: 'daemon/journal/sieve.ts',
    from: '      rest.push({ ...last, facts: [] });',
    to: '      return this.#pass(rest);',
  },
  {
    breaks: 'nobody waits for an attempt of a pruned run',
    file: 'daemon/journal/pruned-runs.ts',
    from: "    return fact.type !== 'TaskBlocked' || !isGone(runOfAttempt(fact.holder));",
    to: '    return true;',
  },
];
