import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rewriteText } from '../../../daemon/track/text-file.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let plan: string;
beforeEach(() => {
  folder = freshFolder();
  plan = join(folder.path, 'plan.md');
});
afterEach(() => folder.remove());

describe('a text of the user’s', () => {
  test.each([0o644, 0o664, 0o600, 0o666, 0o444])('keeps mode %o when it is rewritten', mode => {
    writeFileSync(plan, 'before\n');
    chmodSync(plan, mode);
    rewriteText(plan, text => text.replace('before', 'after'));
    expect(readFileSync(plan, 'utf8')).toBe('after\n');
    expect(statSync(plan).mode & 0o777).toBe(mode);
    expect(readdirSync(folder.path)).toEqual(['plan.md']);
  });

  test('behind a link is rewritten where it is, and the link stays', () => {
    mkdirSync(join(folder.path, 'real'));
    writeFileSync(join(folder.path, 'real/plan.md'), 'before\n');
    symlinkSync('real/plan.md', plan);
    rewriteText(plan, () => 'after\n');
    expect(lstatSync(plan).isSymbolicLink()).toBe(true);
    expect(readlinkSync(plan)).toBe('real/plan.md');
    expect(readFileSync(join(folder.path, 'real/plan.md'), 'utf8')).toBe('after\n');
    expect(readdirSync(join(folder.path, 'real'))).toEqual(['plan.md']);
  });

  test('is not touched where nothing changes', () => {
    writeFileSync(plan, 'same\n');
    const { ino } = statSync(plan);
    rewriteText(plan, text => text);
    expect(statSync(plan).ino).toBe(ino);
  });

  test('is not made where there is none', () => {
    symlinkSync('nowhere', join(folder.path, 'link'));
    for (const name of ['plan.md', 'link', '.']) {
      rewriteText(join(folder.path, name), () => {
        throw new Error('there is nothing to change');
      });
    }
    expect(readdirSync(folder.path)).toEqual(['link']);
  });
});
