import { decodeRecord } from './record-line.js';
import { SegmentFolder } from './segments.js';

/** The facts of one run, a record a line, as plain JSON: for whoever wants to know what happened, kept with the run. */
export function extractRun(folder: string, run: string): string {
  const lines: string[] = [];
  const segments = new SegmentFolder(folder);
  for (const segment of segments.names()) {
    for (const line of segments.read(segment).toString('utf8').split('\n')) {
      if (!line.includes(`"${run}"`)) continue;
      const decoded = decodeRecord(line);
      if (decoded.kind !== 'record') continue;
      const facts = decoded.record.facts.filter(fact => 'run' in fact && fact.run === run);
      if (facts.length > 0) lines.push(JSON.stringify({ ...decoded.record, facts }));
    }
  }
  return lines.map(line => `${line}\n`).join('');
}
