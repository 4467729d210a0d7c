import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { runOptionsOf, type RunFlags } from '../../../daemon/cli/flags.js';

function refusals(flags: RunFlags): string[] {
  const options = runOptionsOf(flags);
  if (options.ok) throw new Error('these flags were taken');
  return options.error.map(formatDiagnostic);
}

describe('flags of a run', () => {
  test('what is not given decides nothing', () => {
    expect(runOptionsOf({})).toEqual({ ok: true, value: {} });
    expect(runOptionsOf({ tick: true })).toEqual({ ok: true, value: {} });
  });

  test('what is given is understood', () => {
    const flags = {
      ...{ maxParallel: '8', timeout: '1h30m', onFailure: 'stop', output: 'out', agent: 'codex' },
      ...{ command: 'make', fresh: true, tick: false, format: 'native', schedule: 'waves' },
    };
    expect(runOptionsOf(flags)).toEqual({
      ok: true,
      value: {
        ...{ maxParallel: 8, timeoutMs: 5_400_000, onFailure: 'stop', outputDir: 'out', agent: 'codex' },
        ...{ command: 'make', fresh: true, noTick: true, format: 'native', schedule: 'waves' },
      },
    });
  });

  test('--workers is another name of --max-parallel', () => {
    expect(runOptionsOf({ workers: '3' })).toEqual({ ok: true, value: { maxParallel: 3 } });
    expect(runOptionsOf({ workers: '3', maxParallel: '3' })).toEqual({ ok: true, value: { maxParallel: 3 } });
    expect(refusals({ workers: '3', maxParallel: '4' })[0]).toContain(
      '--max-parallel, which says 4 and not 3',
    );
  });

  test('a bare number is milliseconds', () => {
    expect(runOptionsOf({ timeout: '1500' })).toEqual({ ok: true, value: { timeoutMs: 1500 } });
  });

  test.each(['-3', '0', '1001', 'many', '2.5', '', '1e2', '99999999999999999999'])(
    '--max-parallel %p is refused with what would be right',
    maxParallel => {
      expect(refusals({ maxParallel })).toEqual([
        `--max-parallel: error: "${maxParallel}" is not possible. Give a whole number from 1 to 1000.`,
      ]);
    },
  );

  test('a duration that is none, and one that is no time at all', () => {
    expect(refusals({ timeout: 'soon' })[0]).toMatch(
      /^--timeout: error: "soon" is not a duration; write .*30m/,
    );
    expect(refusals({ timeout: '0' })[0]).toContain('"0" is no time at all');
    expect(refusals({ timeout: '-5m' })[0]).toContain('"-5m" is not a duration');
  });

  test('all problems are told at once, each by its flag', () => {
    expect(
      refusals({
        maxParallel: '0',
        timeout: 'x',
        onFailure: 'stopp',
        schedule: 'wave',
        agent: ' ',
        command: '',
        format: 'xml',
      }),
    ).toEqual([
      expect.stringContaining(
        '--format: error: "xml" is not known. It is one of conductor, dispatch, wave, orchestrate, native.',
      ),
      expect.stringContaining('--max-parallel'),
      expect.stringContaining('--timeout'),
      expect.stringContaining('--schedule: error: "wave" is not known. Did you mean waves?'),
      expect.stringContaining('--on-failure: error: "stopp" is not known. Did you mean stop?'),
      expect.stringContaining('--agent: error: it is empty'),
      expect.stringContaining('--command: error: it is empty'),
    ]);
  });
});
