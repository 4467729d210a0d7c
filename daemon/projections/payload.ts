import type { Message } from '../../bus-schema/message.js';

/** A payload's value as text; anyone can write a line into the feed, so it may be anything. */
export function text(value: Message['payload'][string]): string {
  return typeof value === 'string' ? value : '';
}

export function count(value: Message['payload'][string]): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
