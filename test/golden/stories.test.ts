import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tell } from './story.js';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'stories');

describe('the scheduler, told as stories', () => {
  test.each(readdirSync(folder))('%s', name => {
    const file = join(folder, name);
    const told = tell(readFileSync(file, 'utf8'));
    if (process.env.GOLDEN === 'rewrite') writeFileSync(file, told);
    expect(readFileSync(file, 'utf8')).toBe(told);
  });
});
