/** Event files whose name says what happened to whom: `events/<TYPE>_<id>.event`. */
export const EVENT_TYPES = [
  'TASK_COMPLETE',
  'TASK_FAILED',
  'PROGRESS',
  'HEARTBEAT',
  'FILE_LOCK_REQUEST',
  'FILE_UNLOCK',
  'BLOCKED',
  'DEP_READY',
  'PARALLEL_COMPLETE',
] as const;
export type EventType = (typeof EVENT_TYPES)[number] | 'PAUSE_REQUESTED';

/** What other parts of the source systems tell each other on the same bus; `BOARD_RESOLVE` also without an id. */
export const SOURCE_EVENT_TYPES = [
  'BOARD_RESOLVE',
  'PLAN_COMPLETE',
  'PLAN_EVAL_COMPLETE',
  'EXECUTE_COMPLETE',
  'EXEC_EVAL_COMPLETE',
  'FIX_COMPLETE',
] as const;
export type SourceEventType = (typeof SOURCE_EVENT_TYPES)[number];

/** Those that an id follows. */
const NAMED_TYPES = [...EVENT_TYPES, ...SOURCE_EVENT_TYPES] as const;

/** Longer names are nobody's event: most file systems end at 255 bytes. */
const LONGEST_NAME = 250;

export interface EventName {
  readonly type: EventType | SourceEventType;
  /** A task, worker, lock, track or run, by type; empty where there is none, as in `PAUSE_REQUESTED`. */
  readonly id: string;
  /** The attempt behind `@`, in the name an event gets when its plain name is taken. */
  readonly attempt?: string;
}

/** `TASK_COMPLETE_1.1.event` → its parts; undefined for a name that is no event of ours. No path can pass. */
export function parseEventName(file: string): EventName | undefined {
  if (file.length > LONGEST_NAME || !file.endsWith('.event')) return undefined;
  const stem = file.slice(0, -'.event'.length);
  if (stem === 'PAUSE_REQUESTED' || stem === 'BOARD_RESOLVE') return { type: stem, id: '' };
  const type = NAMED_TYPES.find(candidate => stem.startsWith(`${candidate}_`));
  if (type === undefined) return undefined;
  const [id, attempt, more] = stem.slice(type.length + 1).split('@');
  if (id === undefined || more !== undefined || !isName(id)) return undefined;
  if (attempt === undefined) return { type, id };
  return isName(attempt) ? { type, id, attempt } : undefined;
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(text);
}

/** The file name of an event. */
export function eventName(type: EventType, id: string, attempt?: string): string {
  return `${type}${id === '' ? '' : `_${id}`}${attempt === undefined ? '' : `@${attempt}`}.event`;
}
