import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshBus } from '../fresh-folder.js';
import { runScript, SHELLS, startScript } from './shell.js';

let place: ReturnType<typeof freshBus>;
const running: ReturnType<typeof startScript>[] = [];
beforeEach(() => {
  place = freshBus();
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  place.remove();
});

describe.each(SHELLS.map(shell => [shell.join(' '), shell] as const))(
  'tail-events.sh under %s',
  (_, shell) => {
    const follow = (args: string[], cwd = place.repo): ReturnType<typeof startScript> => {
      const started = startScript(shell, 'tail-events.sh', args, cwd);
      running.push(started);
      return started;
    };
    const feed = (): string => join(place.bus, 'queue.jsonl');

    test('the feed so far, then what comes, also when the feed is replaced', async () => {
      writeFileSync(feed(), '{"id":"1"}\n');
      const tail = follow([]);
      await until(() => tail.stdout() === '{"id":"1"}\n');
      appendFileSync(feed(), '{"id":"2"}\n');
      await until(() => tail.stdout().endsWith('{"id":"2"}\n'));
      renameSync(feed(), `${feed()}.old`);
      writeFileSync(feed(), '{"id":"3"}\n');
      await until(() => tail.stdout() === '{"id":"1"}\n{"id":"2"}\n{"id":"3"}\n');
    });

    test('with -n only what is new, from a bus that is named', async () => {
      writeFileSync(feed(), 'old\n');
      const tail = follow(['-n', place.bus], '/');
      // Lines are added until one shows, as nothing tells from outside that tail has opened the file.
      await until(() => {
        appendFileSync(feed(), 'new\n');
        return tail.stdout() !== '';
      });
      expect(tail.stdout()).toMatch(/^(new\n)+$/);
    });

    test.each([[['-x']], [['a', 'b']], [['/no/such/bus']]])('%j is refused', async args => {
      const ended = await runScript(shell, 'tail-events.sh', args, place.repo);
      expect(ended.code).toBe(2);
      expect(ended.stderr).not.toBe('');
    });
  },
);

/** Looks again and again until it is so, for at most twenty seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 20 s');
    await pause(20);
  }
}
