import { spawn } from 'node:child_process';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noteInClaim, takeClaim } from '../../../bus-schema/store/claim-file.js';
import { compileInto } from '../../compiled.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

let folder: FreshFolder;
let path: string;
beforeEach(() => {
  folder = freshFolder();
  path = join(folder.path, 'r1.1.1.claim');
});
afterEach(() => {
  folder.remove();
});

describe('a claim', () => {
  test('is taken once; later notes go below it', () => {
    expect(takeClaim(path, 'first')).toBe('taken-by-us');
    expect(takeClaim(path, 'second')).toBe('taken-before');
    noteInClaim(path, 'led to 4711');
    expect(readFileSync(path, 'utf8')).toBe('first\nled to 4711\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is taken before, where a link has its name', () => {
    symlinkSync('nowhere', path);
    expect(takeClaim(path, 'x')).toBe('taken-before');
  });

  test('is not possible without its folder', () => {
    expect(() => takeClaim(join(folder.path, 'no/claim'), 'x')).toThrow('ENOENT');
  });

  test('of twenty processes that race for it, one has it', async () => {
    compileInto(folder.path, [
      'bus-schema/layout.ts',
      'bus-schema/store/claim-file.ts',
      'bus-schema/store/errors.ts',
      'bus-schema/store/write-file.ts',
    ]);
    const racer = join(folder.path, 'racer.js');
    writeFileSync(racer, RACER);
    const racers = Array.from({ length: 20 }, (_, index) => race(racer, [path, String(index)]));
    await Promise.all(racers.map(racing => racing.ready));
    for (const { go } of racers) go();
    const said = await Promise.all(racers.map(racing => racing.said));
    expect(said.filter(word => word === 'taken-before')).toHaveLength(19);
    expect(readFileSync(path, 'utf8')).toBe(`racer ${said.indexOf('taken-by-us')}\n`);
  });
});

/** Says that it is ready, waits for a word, and then goes for the claim. */
const RACER = `
import { takeClaim } from './bus-schema/store/claim-file.js';
const [path, index] = process.argv.slice(2);
process.stdin.once('data', () => {
  process.stdout.write(takeClaim(path, 'racer ' + index));
  process.stdin.destroy();
});
process.stdout.write('ready ');
`;

function race(
  script: string,
  args: readonly string[],
): { readonly ready: Promise<void>; readonly said: Promise<string>; readonly go: () => void } {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.startsWith('ready ')) resolve();
    });
    child.on('close', code => {
      reject(new Error(`a racer ended with ${code ?? 'a signal'} before it was ready`));
    });
  });
  const said = new Promise<string>(resolve => {
    child.on('close', () => {
      resolve(output.slice('ready '.length));
    });
  });
  return { ready, said, go: () => child.stdin.end('go\n') };
}
