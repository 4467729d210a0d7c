import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { EXIT } from './exit-codes.js';
import { countOf, type JsonFlags } from './flags.js';
import { FeedFollower } from './feed-follower.js';
import { feedLine, readMessage } from './feed-line.js';
import { existingPlace } from './place.js';
import { Redraw } from './redraw.js';
import { jsonText, out, refuse } from './terminal.js';

export interface TailFlags extends JsonFlags {
  readonly lines?: string;
  /** False for `--no-follow`. */
  readonly follow?: boolean;
}

const LOOK_EACH_MS = 500;

/** `signalbox tail`: the feed's last messages, and those that come. */
export async function tail(flags: TailFlags): Promise<number> {
  const place = existingPlace(flags);
  const text = flags.lines ?? '10';
  const count = text === '0' ? { ok: true as const, value: 0 } : countOf('-n', text, 1_000_000);
  const problems = [place, count].flatMap(read => (read.ok ? [] : [read.error]));
  if (!place.ok || !count.ok) return refuse(problems);
  const path = join(place.value.bus, layout.queue);
  const feed = new FeedFollower(path);
  const redraw = new Redraw(false);
  print(feed.last(count.value), flags);
  while (flags.follow !== false) {
    await redraw.pause(path, 20, LOOK_EACH_MS);
    print(feed.next(), flags);
  }
  feed.close();
  return EXIT.complete;
}

/** In JSON only messages are printed: whoever reads it must be able to. */
function print(lines: readonly string[], { json }: TailFlags): void {
  const shown = lines.flatMap(line => {
    const message = readMessage(line);
    if (json !== true) return line.trim() === '' ? [] : [feedLine(message, line)];
    return message === undefined ? [] : [jsonText(message)];
  });
  if (shown.length > 0) out(`${shown.join('\n')}\n`);
}
