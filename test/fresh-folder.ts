import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUS_FOLDERS, BUS_NAME } from '../bus-schema/layout.js';

/** A folder of this test alone. */
export interface FreshFolder {
  readonly path: string;
  readonly remove: () => void;
}

export function freshFolder(): FreshFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-test-')));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A folder that stands for a repo, with an empty bus in it. */
export function freshBus(): { readonly repo: string; readonly bus: string; readonly remove: () => void } {
  const { path, remove } = freshFolder();
  const bus = join(path, BUS_NAME);
  for (const folder of BUS_FOLDERS) mkdirSync(join(bus, folder), { recursive: true });
  return { repo: path, bus, remove };
}
