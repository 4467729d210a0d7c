import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers';

/*
 * Reads a bus's views as fast as it can, as any program might at any instant, and holds them to their form. Told to stop
 * (its standard input ends), it prints what it saw.
 */
const FORMS = {
  'locks.json': ['worker_id', 'task_id', 'run_id', 'acquired_at', 'expires_at'],
  'worker-status.json': [
    'task_id',
    'status',
    'progress_pct',
    'started_at',
    'last_heartbeat',
    'pid',
    'attempt',
  ],
};

const [bus] = process.argv.slice(2);
const seen = { reads: 0, busy: 0, bad: [] };
const known = new Set();
let stopping = false;
process.stdin.on('end', () => (stopping = true)).resume();

function look(file) {
  let text;
  try {
    text = readFileSync(join(bus, file), 'utf8');
  } catch (error) {
    // Not there yet; but what was there once is there at every instant.
    if (known.has(file)) seen.bad.push(`${file}: ${error.code}`);
    return;
  }
  known.add(file);
  seen.reads++;
  try {
    const entries = Object.entries(JSON.parse(text));
    if (entries.length > 0) seen.busy++;
    for (const [name, entry] of entries)
      for (const key of FORMS[file]) if (!(key in entry)) seen.bad.push(`${file}: ${name} has no ${key}`);
  } catch {
    seen.bad.push(`${file}: not JSON: ${text.slice(-80)}`);
  }
}

function round() {
  for (const file of Object.keys(FORMS)) look(file);
  if (!stopping) setImmediate(round);
  else process.stdout.write(JSON.stringify({ ...seen, bad: seen.bad.slice(0, 20) }));
}
round();
