import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshFolder, type FreshFolder } from '../fresh-folder.js';
import { ROOT } from '../tidy/source.js';

let folder: FreshFolder;
beforeEach(() => {
  folder = freshFolder();
  mkdirSync(join(folder.path, 'repo/.ci'), { recursive: true });
  mkdirSync(join(folder.path, 'bin'));
  cpSync(join(ROOT, '.ci/run'), join(folder.path, 'repo/.ci/run'));
});
afterEach(() => {
  folder.remove();
});

/** Runs `.ci/run` with an npm that does what `npm` says, as shell text; it finds the counts' place in `$counts`. */
function check(npm: string): { code: number | null; last: string; output: string } {
  const find = 'for word in "$@"; do case $word in --outputFile=*) counts=${word#*=} ;; esac; done';
  writeFileSync(join(folder.path, 'bin/npm'), `#!/bin/sh\ncalled="$*"\n${find}\n${npm}\n`, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(join(folder.path, 'repo/.ci/run'), {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: [join(folder.path, 'bin'), dirname(process.execPath), process.env.PATH].join(':') },
  });
  return { code: status, last: stdout.trimEnd().split('\n').at(-1) ?? '', output: stdout + stderr };
}

const write = (failed: number, broken: number): string =>
  `echo '${JSON.stringify({
    numPassedTests: 12,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: broken,
    success: failed + broken === 0,
  })}' >"$counts"`;

describe('.ci/run', () => {
  test('passes when everything passes, and says how many tests did', () => {
    const ended = check(`case $called in test*) ${write(0, 0)} ;; esac`);
    expect(ended).toMatchObject({ code: 0, last: '12 passed, 0 failed' });
    expect(ended.output.match(/^=== .* passed/gm)).toHaveLength(5);
  });

  test('fails with the tests, and counts a file that could not be loaded', () => {
    expect(check(`case $called in test*) ${write(2, 0)}; exit 1 ;; esac`)).toMatchObject({
      code: 1,
      last: '12 passed, 2 failed',
    });
    expect(check(`case $called in test*) ${write(0, 1)}; exit 1 ;; esac`)).toMatchObject({
      code: 1,
      last: '12 passed, 1 failed',
    });
  });

  test('fails with any other check, and still runs the tests', () => {
    const ended = check(`case $called in test*) ${write(0, 0)} ;; *lint) exit 1 ;; esac`);
    expect(ended).toMatchObject({ code: 1, last: '12 passed, 0 failed' });
    expect(ended.output).toContain('failed: lint\n');
  });

  test('fails when the tests said nothing, and when there was nothing to run them with', () => {
    expect(check('exit 0')).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
    expect(check('exit 7')).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
  });

  test('plans that lie beside the checkout are used', () => {
    mkdirSync(join(folder.path, 'shared/corpus'), { recursive: true });
    const ended = check(`case $called in test*) echo "plans: $SIGNALBOX_FIXTURES"; ${write(0, 0)} ;; esac`);
    expect(ended.output).toContain(`plans: ${join(folder.path, 'shared/corpus')}\n`);
  });
});
