import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventName, type EventType } from '../../bus-schema/event-name.js';
import { layout } from '../../bus-schema/layout.js';
import { fail as failed, ok, type Result } from '../../bus-schema/result.js';
import { createFile, replaceFile } from '../../bus-schema/store/write-file.js';
import { EXIT } from './exit-codes.js';
import type { BusFlags, JsonFlags } from './flags.js';
import { existingPlace } from './place.js';
import { complain, outJson, refuse } from './terminal.js';
import { whoseEvent, type Whose } from './whose-event.js';

export interface TaskFlags extends JsonFlags {
  readonly task?: string;
  readonly run?: string;
  readonly worker?: string;
}

/** Longer texts would make the event file one that is refused. */
const LONGEST_TEXT = 100_000;

interface Event {
  readonly type: Extract<EventType, 'TASK_COMPLETE' | 'TASK_FAILED' | 'PROGRESS' | 'HEARTBEAT'>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** `signalbox heartbeat`: a sign that the worker's attempt gets on. */
export function heartbeat(flags: TaskFlags): Promise<number> {
  return Promise.resolve(drop({ type: 'HEARTBEAT', payload: {} }, flags));
}

/** `signalbox progress`. */
export function progress(percent: string, text: string, flags: TaskFlags): Promise<number> {
  const value = /^\d{1,3}(\.\d+)?%?$/.test(percent) ? Number(percent.replace('%', '')) : NaN;
  if (!(value >= 0 && value <= 100)) {
    const message = `"${percent}" is no percentage`;
    return Promise.resolve(
      refuse([{ severity: 'error', file: 'progress', message, remedy: 'Give a number from 0 to 100' }]),
    );
  }
  const payload = { progress_pct: value, ...(text === '' ? {} : { message: text.slice(0, LONGEST_TEXT) }) };
  return Promise.resolve(drop({ type: 'PROGRESS', payload }, flags));
}

/** `signalbox complete`: a commit's sha is told as one. */
export function complete(message: string, flags: TaskFlags): Promise<number> {
  const text = message.trim().slice(0, LONGEST_TEXT);
  const isCommit = /^[0-9a-f]{7,40}$/.test(text);
  const payload = text === '' ? {} : isCommit ? { commit_sha: text } : { message: text };
  return Promise.resolve(drop({ type: 'TASK_COMPLETE', payload }, flags));
}

/** `signalbox fail`. */
export function fail(message: string, flags: TaskFlags): Promise<number> {
  const payload = { error: message.trim().slice(0, LONGEST_TEXT) };
  return Promise.resolve(drop({ type: 'TASK_FAILED', payload }, flags));
}

/** Puts the event into the bus. What was told an end of is durable when the command ends. */
function drop(event: Event, flags: TaskFlags): number {
  const place = existingPlace(busFlags(flags));
  if (!place.ok) return refuse([place.error]);
  const whose = whoseEvent(event.type, flags, process.env);
  if (!whose.ok) return refuse([whose.error]);
  const { bus } = place.value;
  const body = `${JSON.stringify(messageOf(event, whose.value))}\n`;
  const written =
    event.type === 'PROGRESS' || event.type === 'HEARTBEAT'
      ? overwrite(bus, eventName(event.type, whose.value.id), body)
      : create(bus, event.type, whose.value, body);
  if (!written.ok) {
    complain(written.error);
    return EXIT.failed;
  }
  if (flags.json === true) outJson({ ok: true, event: written.value });
  return EXIT.complete;
}

/** Inside a task the bus is the task's, wherever its command went; outside, the nearest. */
export function busFlags<T extends BusFlags>(flags: T): T {
  const own = process.env.SIGNALBOX_BUS;
  return flags.bus !== undefined || own === undefined || own === '' ? flags : { ...flags, bus: own };
}

function overwrite(bus: string, name: string, body: string): Result<string, string> {
  const file = join(bus, layout.event(name));
  replaceFile(bus, file, body, { durable: false });
  return ok(file);
}

/** A name that is taken is left alone: an attempt then uses a name of its own. */
function create(
  bus: string,
  type: 'TASK_COMPLETE' | 'TASK_FAILED',
  { id, attempt }: Whose,
  body: string,
): Result<string, string> {
  const names = [eventName(type, id), ...(attempt === undefined ? [] : [eventName(type, id, attempt)])];
  for (const name of names) {
    const file = join(bus, layout.event(name));
    if (createFile(bus, file, body, { durable: true }) === 'created') return ok(file);
  }
  return failed(`there is a ${names.join(' and a ')} already; an outcome is told once`);
}

function messageOf({ type, payload }: Event, whose: Whose): object {
  const { task, run, attempt, token, worker } = whose;
  return {
    id: randomUUID(),
    type,
    source: worker ?? 'signalbox-cli',
    timestamp: new Date().toISOString(),
    payload: {
      ...(task === undefined ? {} : { task_id: task }),
      ...(run === undefined ? {} : { run_id: run }),
      ...(attempt === undefined ? {} : { attempt_id: attempt }),
      ...(token === undefined ? {} : { token }),
      ...(worker === undefined ? {} : { worker_id: worker }),
      ...payload,
    },
  };
}
