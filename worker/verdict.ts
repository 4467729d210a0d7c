import { fail, ok, type Result } from '../bus-schema/result.js';
import type { Issue, Verdict } from '../bus-schema/outcome.js';
import type { Severity } from '../bus-schema/severity.js';
import { inOneLine } from './plain-words.js';

type Fields = Readonly<Record<string, unknown>>;

const MOST_ISSUES = 200;
const LONGEST_TEXT = 2000;
/** Of all its issues together, as JSON: a drop must stay far below its limit. */
const MOST_BYTES = 56 * 1024;

const STATUSES = ['approved', 'needs_fixes', 'needs_revision', 'blocked'] as const;
const SEVERITIES = ['high', 'medium', 'low'] as const satisfies readonly Severity[];

/** What an object must be like to be a verdict, for the message to those whose reviewer gave none. */
export const VERDICT_FORM = `a JSON object with "status" (${STATUSES.join(', ')}) and "issues", a list of {severity, location, issue, suggestion}`;

/** Whether an object means to be a verdict, whatever its issues are like. */
export function isVerdict({ status }: Fields): boolean {
  return typeof status === 'string' && STATUSES.some(known => known === status.trim().toLowerCase());
}

/** Reads a reviewer's verdict, by hand since the schema library stays out of the worker; or says why it cannot be read. */
export function verdictOf({ status, summary, issues: given = [] }: Fields): Result<Verdict, string> {
  const approved = typeof status === 'string' && status.trim().toLowerCase() === 'approved';
  const words = textOf(summary) ?? '';
  if (!Array.isArray(given)) return fail('its "issues" is not a list');
  const issues: Issue[] = [];
  for (const [index, entry] of given.entries()) {
    const issue = issueOf(entry);
    if (issue === undefined)
      return fail(`issue ${index + 1} of its ${given.length} does not say what is wrong`);
    issues.push(issue);
  }
  if (approved || issues.length > 0) return ok(withinLimits({ approved, summary: words, issues }));
  // Without an issue there would be nothing to mend, and a refusal would go through as if it were none.
  if (words === '') return fail('it does not approve, and says neither an issue nor a summary');
  return ok({ approved, summary: words, issues: [{ severity: 'high', location: '', issue: words }] });
}

function issueOf(entry: unknown): Issue | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { severity, location, file, line, category, issue, suggestion } = entry as Fields;
  const words = textOf(issue);
  if (words === undefined) return undefined;
  const advice = textOf(suggestion);
  return {
    severity: severityOf(severity),
    location: textOf(location) ?? placeIn(textOf(file), line) ?? textOf(category) ?? '',
    issue: words,
    ...(advice === undefined ? {} : { suggestion: advice }),
  };
}

/** What cannot be ranked is mended rather than passed over. */
function severityOf(given: unknown): Severity {
  const word = typeof given === 'string' ? given.trim().toLowerCase() : '';
  return SEVERITIES.find(severity => severity === word) ?? 'high';
}

function placeIn(file: string | undefined, line: unknown): string | undefined {
  if (file === undefined || (typeof line !== 'number' && typeof line !== 'string')) return file;
  return inOneLine(`${file}:${line}`, LONGEST_TEXT);
}

function textOf(given: unknown): string | undefined {
  const words = typeof given === 'string' ? inOneLine(given, LONGEST_TEXT) : '';
  return words === '' ? undefined : words;
}

/** Where not all issues can be kept, the gravest are; the summary says how many are missing. */
function withinLimits(verdict: Verdict): Verdict {
  const rank = ({ severity }: Issue): number => SEVERITIES.indexOf(severity);
  const kept = new Set<Issue>();
  let bytes = 0;
  for (const issue of [...verdict.issues].sort((a, b) => rank(a) - rank(b))) {
    bytes += Buffer.byteLength(JSON.stringify(issue)) + 1;
    if (kept.size === MOST_ISSUES || bytes > MOST_BYTES) break;
    kept.add(issue);
  }
  const missing = verdict.issues.length - kept.size;
  if (missing === 0) return verdict;
  const note = `(${missing} more issues are in the log)`;
  return {
    ...verdict,
    summary: `${inOneLine(verdict.summary, LONGEST_TEXT - note.length - 1)} ${note}`.trim(),
    issues: verdict.issues.filter(issue => kept.has(issue)),
  };
}
