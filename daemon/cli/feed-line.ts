import { nestingOf } from '../../bus-schema/codec.js';
import type { Message } from '../../bus-schema/message.js';
import { formatDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import { colour } from './terminal.js';

type Payload = Readonly<Record<string, unknown>>;

/** Deeper lines than this are nobody's messages. */
const DEEPEST = 64;
const BAD = new Set(['TASK_FAILED', 'DEADLOCK_RESOLVED', 'WORKER_STALLED', 'WORKER_REPLACED']);
const POOR = new Set(['TASK_SKIPPED', 'TASK_RETRY', 'BLOCKED', 'TASK_BLOCKED']);
const GOOD = new Set(['TASK_COMPLETE', 'RUN_COMPLETE']);
/** What a message says in words, the most telling first. */
const WORDS = ['error', 'message', 'reason', 'title', 'name', 'text', 'resource'] as const;

/** A line of the feed as a message; undefined for one that is none. Whoever wrote it may have put anything in. */
export function readMessage(line: string): Message | undefined {
  if (nestingOf(line) > DEEPEST) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, type, source, timestamp, payload } = value as Partial<Message>;
  const whole =
    typeof id === 'string' &&
    typeof type === 'string' &&
    typeof source === 'string' &&
    typeof timestamp === 'string' &&
    typeof payload === 'object' &&
    (payload as unknown) !== null;
  return whole ? (value as Message) : undefined;
}

/** `10:15:02  TASK_COMPLETE      1.2  worker-1, 3.2s`, for a person. */
export function feedLine(message: Message | undefined, line: string): string {
  if (message === undefined)
    return colour('out', 'dim', `--:--:--  (no message)       ${printable(line, 120)}`);
  const { type, timestamp, payload } = message;
  const task = wordOf(payload, 'task_id') ?? wordOf(payload, 'run_id') ?? '';
  const head = `${clockOf(timestamp)}  ${paint(type)}  ${printable(task, 40)}`;
  const rest = detailsOf(payload).join(', ');
  return rest === '' ? head : `${head}  ${printable(rest, 300)}`;
}

function detailsOf(payload: Payload): string[] {
  const attempt = payload.attempt;
  const took = payload.duration_ms;
  const verdict = wordOf(payload, 'verdict');
  const say = WORDS.map(key => wordOf(payload, key)).find(word => word !== undefined);
  return [
    ...[verdict, wordOf(payload, 'worker_id')].filter(word => word !== undefined),
    ...(typeof attempt === 'number' && attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(typeof took === 'number' ? [formatDuration(took)] : []),
    ...(typeof payload.progress_pct === 'number' ? [`${payload.progress_pct} %`] : []),
    ...(wordOf(payload, 'blocked_by') === undefined
      ? []
      : [`because of ${wordOf(payload, 'blocked_by') ?? ''}`]),
    ...(wordOf(payload, 'waiting_for') === undefined
      ? []
      : [`waits for ${wordOf(payload, 'waiting_for') ?? ''}`]),
    ...(typeof payload.delay_ms === 'number' && payload.delay_ms > 0
      ? [`in ${formatDuration(payload.delay_ms)}`]
      : []),
    ...(say === undefined ? [] : [say]),
  ];
}

function wordOf(payload: Payload, key: string): string | undefined {
  const value = payload[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function paint(type: string): string {
  const text = printable(type, 40).padEnd(17);
  if (BAD.has(type)) return colour('out', 'red', text);
  if (POOR.has(type)) return colour('out', 'yellow', text);
  return GOOD.has(type) ? colour('out', 'green', text) : text;
}

/** Time of day where the reader is. */
function clockOf(timestamp: string): string {
  const at = new Date(timestamp);
  if (Number.isNaN(at.getTime())) return '--:--:--';
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map(part => String(part).padStart(2, '0'))
    .join(':');
}
