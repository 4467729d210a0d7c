import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFirstSeq } from '../../bus-schema/layout.js';
import { decodeRecord } from './record-line.js';

/** The facts of one run, a record a line, as plain JSON: for whoever wants to know what happened, kept with the run. */
export function extractRun(folder: string, run: string): string {
  const lines: string[] = [];
  for (const segment of readdirSync(folder)
    .filter(name => segmentFirstSeq(name) !== undefined)
    .sort()) {
    for (const line of readFileSync(join(folder, segment), 'utf8').split('\n')) {
      if (!line.includes(`"${run}"`)) continue;
      const decoded = decodeRecord(line);
      if (decoded.kind !== 'record') continue;
      const facts = decoded.record.facts.filter(fact => 'run' in fact && fact.run === run);
      if (facts.length > 0) lines.push(JSON.stringify({ ...decoded.record, facts }));
    }
  }
  return lines.map(line => `${line}\n`).join('');
}
