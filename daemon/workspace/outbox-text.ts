import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';

/** What an outbox says of a task. */
export interface OutboxEntry {
  readonly task: string;
  readonly end: 'completed' | 'failed';
  /** An error's text. */
  readonly text: string;
  /** Equal for entries that say the same. */
  readonly key: string;
}

/** Workers tell of a few tasks; more than that is read by nobody. */
const MOST_ENTRIES = 10_000;
const LONGEST_LINE = 4096;

const text = z.string().optional().catch(undefined);
const entrySchema = z.union([
  z.string(),
  z.looseObject({ id: text, task_id: text, task: text, error: text, message: text, reason: text }),
]);
const list = z.array(entrySchema.optional().catch(undefined)).optional().catch(undefined);
const outboxSchema = z.object({ tasks_completed: list, tasks_failed: list });

/**
 * The entries of `worker-N-outbox.json`: objects with an id, or bare ids. `cut` for what is no JSON object, which may be
 * one that is not all there yet.
 */
export function readOutboxJson(json: string): readonly OutboxEntry[] | 'cut' {
  const decoded = decodeJson(json, outboxSchema);
  if (!decoded.ok) return 'cut';
  const { tasks_completed: completed = [], tasks_failed: failed = [] } = decoded.value;
  const read = (end: OutboxEntry['end'], values: typeof completed): OutboxEntry[] =>
    values.slice(0, MOST_ENTRIES).flatMap(value => {
      const entry = typeof value === 'object' ? value : { id: value };
      const task = entry.id ?? entry.task_id ?? entry.task;
      if (task === undefined) return [];
      const said = typeof value === 'object' ? (value.error ?? value.message ?? value.reason ?? '') : '';
      return [{ task: task.trim(), end, text: said, key: `${end} ${JSON.stringify(value)}` }];
    });
  return [...read('completed', completed), ...read('failed', failed)];
}

const COMPLETED = /\b(complete|completed|success|successful|succeeded|done|passed)\b/i;
const FAILED = /\b(fail|fails|failed|failure|failures|errors?)\b/i;
/** `## Failed`, `**Failed tasks**: T1, T2`, `Failed:`; what stands behind the colon is already an entry. */
const HEADING = /^(?:#{1,6} *|\*\*)?([^:*#|]{1,80}?)(?:\*\*)?(?::(?:\*\*)? *(.*))?$/;
const LISTED = /^(?:[-*+]\s|\d{1,4}[.)]\s|\|)/;

/**
 * The entries of `worker-N-outbox.md`: lines that name a task under a heading that says completed or failed. Nothing fixes
 * its form, so a word is an id where the run has such a task.
 */
export function readOutboxMarkdown(
  markdown: string,
  isTask: (word: string) => boolean,
): readonly OutboxEntry[] {
  const entries: OutboxEntry[] = [];
  let end: OutboxEntry['end'] | undefined;
  for (const raw of markdown.split('\n')) {
    const line = raw.slice(0, LONGEST_LINE).trim();
    if (line === '' || entries.length >= MOST_ENTRIES) continue;
    let said = line;
    const heading = LISTED.test(line) ? null : HEADING.exec(line);
    if (heading !== null && taskIn(heading[1] ?? '', isTask) === undefined) {
      const isHeading = line.startsWith('#') || line.startsWith('**') || heading[2] !== undefined;
      if (isHeading) end = endOf(heading[1] ?? '');
      said = heading[2] ?? '';
    }
    if (end === undefined) continue;
    for (const part of LISTED.test(said) || end === 'failed' ? [said] : said.split(/[,;]/)) {
      const task = taskIn(part, isTask);
      if (task !== undefined)
        entries.push({ task, end, text: end === 'failed' ? errorIn(part, task) : '', key: `${end} ${part}` });
    }
  }
  return entries;
}

function endOf(heading: string): OutboxEntry['end'] | undefined {
  if (FAILED.test(heading)) return 'failed';
  return COMPLETED.test(heading) ? 'completed' : undefined;
}

function taskIn(words: string, isTask: (word: string) => boolean): string | undefined {
  for (const [word] of words.matchAll(/[A-Za-z0-9][A-Za-z0-9._-]*/g)) {
    const bare = word.replace(/[.-]+$/, '');
    if (isTask(bare)) return bare;
  }
  return undefined;
}

/** What stands behind the id. */
function errorIn(part: string, task: string): string {
  return part
    .slice(part.indexOf(task) + task.length)
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[\s|]+$/, '');
}
