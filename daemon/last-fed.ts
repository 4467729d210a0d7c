import { decodeJson } from '../bus-schema/codec.js';
import { messageSchema } from '../bus-schema/message.js';
import type { FeedFile } from './bus/feed-file.js';
import { feedSeq } from './projections/feed.js';

/**
 * The last record that the feed tells of; those behind it were decided, but perhaps not acted on. What others wrote behind
 * our last line is read as if it came now. A feed that others have filled so far that no line of ours is near its end tells
 * nothing, and nothing is repeated.
 */
export function lastFedSeq(feed: FeedFile): number {
  const lines = feed.lastLines();
  for (const { text, end } of [...lines].reverse()) {
    const decoded = decodeJson(text, messageSchema);
    const seq = decoded.ok ? feedSeq(decoded.value.id, decoded.value.source) : undefined;
    if (seq === undefined) continue;
    feed.readFrom(end);
    return seq;
  }
  feed.readFrom(feed.end);
  return feed.end === 0 ? 0 : Infinity;
}
