import type { StartOrder } from '../bus-schema/assignment.js';
import type { Outcome } from '../bus-schema/outcome.js';
import { unreachable } from '../bus-schema/result.js';
import { jsonObjectsFromEnd } from './json-objects.js';
import { inOneLine, lastWords, withoutEscapes } from './plain-words.js';
import { isVerdict, VERDICT_FORM, verdictOf } from './verdict.js';

type Fields = Readonly<Record<string, unknown>>;
type Complete = Extract<Outcome, { kind: 'complete' }>;

/** So much of an output's end is looked through for an answer. */
export const ANSWER_BYTES = 1024 * 1024;

const LONGEST_SUMMARY = 500;
/** `claude --output-format json` puts the text into an object, and the answer is in that text. */
const DEEPEST_WRAPPING = 3;

/** What a complete attempt becomes by the answer it printed last, among whatever else is in its output. */
export function outcomeOfAnswer(
  answer: NonNullable<StartOrder['answer']>,
  output: string,
  complete: Complete,
): Outcome {
  const text = withoutEscapes(output);
  switch (answer) {
    case 'result':
      return outcomeOfResult(lastObject(text, isResult), text, complete);
    case 'verdict':
      return outcomeOfVerdict(lastObject(text, isVerdict), complete);
    default:
      return unreachable(answer);
  }
}

function lastObject(text: string, fits: (fields: Fields) => boolean, depth = 0): Fields | undefined {
  for (const { start, end } of jsonObjectsFromEnd(text)) {
    const fields = parsed(text.slice(start, end));
    if (fields === undefined) continue;
    if (fits(fields)) return fields;
    const { result } = fields;
    if (isFields(result) && fits(result)) return result;
    const inner =
      typeof result === 'string' && depth < DEEPEST_WRAPPING
        ? lastObject(result, fits, depth + 1)
        : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Undefined for what the parser will not have, such as a nesting too deep for it. */
function parsed(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statusOf({ status, needsContext }: Fields): 'completed' | 'failed' | 'needs_context' | undefined {
  const word = typeof status === 'string' ? status.trim().toLowerCase() : undefined;
  if (word === 'needs_context' || needsContext === true) return 'needs_context';
  return word === 'completed' || word === 'failed' ? word : undefined;
}

const isResult = (fields: Fields): boolean => statusOf(fields) !== undefined;

function outcomeOfResult(result: Fields | undefined, text: string, complete: Complete): Outcome {
  const status = result === undefined ? undefined : statusOf(result);
  if (result === undefined || status === undefined)
    return withSummary(complete, lastWords(spokenIn(text), LONGEST_SUMMARY));
  switch (status) {
    case 'completed':
      return withSummary(complete, wordsOf(result.summary));
    case 'failed': {
      const why = [result.error, result.errors, result.summary]
        .map(each => wordsOf(each))
        .find(words => words !== '');
      return reported(why ?? 'it says that it failed, and not why');
    }
    case 'needs_context': {
      const reason = wordsOf(result.reason);
      const files = wordsOf(result.requestedFiles, ', ');
      return reported(
        `needs context${reason === '' ? '' : `: ${reason}`}${files === '' ? '' : `; asked for: ${files}`}`,
      );
    }
    default:
      return unreachable(status);
  }
}

const withSummary = (complete: Complete, summary: string): Complete =>
  summary === '' ? complete : { ...complete, summary };

const reported = (message: string): Outcome => ({ kind: 'failed', reason: 'reported', message });

/** One text, a list of texts, or whatever an agent has put there instead, as words. */
function wordsOf(given: unknown, between = '; '): string {
  if (given === undefined || given === null) return '';
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given];
  const texts = parts.map(part => (typeof part === 'string' ? part : jsonOf(part)));
  return inOneLine(texts.join(between), LONGEST_SUMMARY);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'nested too deep to be told'; // what the parser still reads, the writer may not be able to write
  }
}

/** The agent's words, where its output ends with the object that they are wrapped in; else all that it printed. */
function spokenIn(text: string): string {
  const [last] = jsonObjectsFromEnd(text);
  if (last === undefined || text.slice(last.end).trim() !== '') return text;
  const result = parsed(text.slice(last.start, last.end))?.result;
  return typeof result === 'string' ? result : text;
}

function outcomeOfVerdict(given: Fields | undefined, complete: Complete): Outcome {
  if (given === undefined) return noVerdict(`printed no verdict; looked for ${VERDICT_FORM}`);
  const verdict = verdictOf(given);
  return verdict.ok
    ? { ...complete, verdict: verdict.value }
    : noVerdict(`printed a verdict that cannot be read: ${verdict.error}; looked for ${VERDICT_FORM}`);
}

const noVerdict = (message: string): Outcome => ({ kind: 'failed', reason: 'no-verdict', message });
