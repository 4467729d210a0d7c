import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';

/** Puts a plan that came by standard input where the daemon finds it. Taken in, it goes. */
export function spool(bus: string, id: string, text: string): string {
  const path = join(bus, layout.spooledPlan(id));
  replaceFile(bus, path, text, { durable: true });
  return path;
}
