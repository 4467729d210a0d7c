import { fail, ok, type Result } from './result.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest duration taken: 30 days. Node's timers end at 24.8 days, and nothing here should wait longer. */
export const LONGEST_MS = 30 * 86_400_000;

/** The longest age that is asked for, as of a run that ended long ago: 100 years, and no timer waits for it. */
export const LONGEST_AGE_MS = 36_500 * 86_400_000;

/**
 * `30m`, `90s`, `1500ms`, `1h30m` as milliseconds. A bare number is milliseconds where `bare` allows it (flags and
 * the formats of the source systems); our own plan format requires the unit.
 */
export function parseDuration(
  text: string,
  bare: 'ms' | 'refused',
  longestMs = LONGEST_MS,
): Result<number, string> {
  const trimmed = text.trim();
  const wanted = `write a duration as 30m, 90s, 1500ms or 1h30m${bare === 'ms' ? ', or as bare milliseconds' : ''}`;
  if (/^\d+$/.test(trimmed)) {
    if (bare === 'refused') return fail(`"${text}" has no unit; ${wanted}`);
    return within(Number(trimmed), text, longestMs);
  }
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) return fail(`"${text}" is not a duration; ${wanted}`);
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? 'ms'] ?? 1);
  }
  return within(Math.round(total), text, longestMs);
}

function within(ms: number, text: string, longestMs: number): Result<number, string> {
  const days = longestMs / 86_400_000;
  return ms > longestMs ? fail(`"${text}" is longer than the ${days} days that are allowed`) : ok(ms);
}

/** `950ms`, `3.2s`, `4m07s`, `2h05m`: short enough for a status line. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${pad(Math.floor((seconds % 3600) / 60))}m`;
}
