import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { programsOf } from '../../worker/plain-command.js';

describe('a plain command', () => {
  test.each([
    ['/bin/true', ['/bin/true']],
    [': && /bin/true', ['/bin/true']],
    ['npm test -- --watch=no', ['npm']],
    ['g++ -c a.cc', ['g++']],
    ['make -j4 all; ./run.sh a,b', ['make', './run.sh']],
    ['git commit -m "one, two" || echo \'it failed\'', ['git']],
    ['true && exit 3', []],
    [`echo 'a && b' "c; d" && xy || ls`, ['xy', 'ls']],
  ])('is %j', (command, programs) => {
    expect(programsOf(command)).toEqual(programs);
  });

  test.each([
    ...['', ' ', ';', 'a;', '&& b', 'a & b', 'a &', 'a | b', 'a > b', 'a < b', '(a)', '{ a; }', '! a'],
    ...[
      'echo $HOME',
      'echo "$(id)"',
      'echo `id`',
      'echo "a\\b"',
      'echo *',
      'echo ~',
      'a # b',
      'a\nb',
      'a\tb',
    ],
    ...[
      'A=1 b',
      'cd x',
      'exec a',
      'if a',
      'kill 0',
      'wait',
      'test -f a',
      '[ a ]',
      '. ./a',
      'export A',
      'umask',
    ],
    ...["echo 'a", 'echo "a', "'a' b", "'", 'echo a\0b', 'echo {a,b}', 'a?', '-n a'],
  ])('is not %j', command => {
    expect(programsOf(command)).toBeUndefined();
  });

  test.each(['a', ' ', "'", '"', 'a;', 'a ', "'a'"])('is no riddle, however long it is: %j', text => {
    expect(programsOf(`${text.repeat(200_000)}&`)).toBeUndefined();
  });

  test('prints and exits in a child of a shell as by a shell of its own', () => {
    const word = fc.constantFrom(
      'echo',
      'true',
      'false',
      ':',
      'exit',
      '3',
      'a',
      '-n',
      "'b c'",
      '"d"',
      'x=y',
      ';',
      '&&',
      '||',
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), words => {
        const command = words.join(' ');
        fc.pre(programsOf(command) !== undefined);
        const run = (script: string) => {
          const { status, stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
          return { status, stdout };
        };
        expect(run(`(export A='1'; ${command}) 3>&- </dev/null 2>/dev/null; exit $?`)).toEqual(
          run(`${command} 2>/dev/null`),
        );
      }),
      { numRuns: 300 },
    );
  });
});
