import { proseLines, type Span } from './fences.js';

/** A line of Markdown that is neither code nor comment, and where in the plan it stands. */
export interface ProseLine {
  /** Counts from 0. */
  readonly line: number;
  /** Without the carriage return at its end. */
  readonly text: string;
  readonly heading: Heading | undefined;
  /** Whether boxes here can be tasks: in a list of criteria only those that say so, among asides none. */
  readonly section: 'plan' | 'criteria' | 'aside';
  /** How many fix phases have begun so far. */
  readonly fixPhase: number;
}

export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** A title is no longer than this; patterns are kept off what lies behind. */
const LONGEST_TITLE = 400;

const ASIDE = /\bdiscovered work\b/i;
const CRITERIA = /^\W*acceptance\b|\bcriteria\b|\bdefinition of done\b/i;
const FIX_PHASE = /^\W*fix(es)?\s+(phase|cycle|tasks)\b/i;

/** The prose of a text, line by line; what a block comment hides is passed over, as a reader of the page would. */
export function* proseOf(lines: readonly string[], span?: Span): Generator<ProseLine> {
  let hidden = false;
  let fixPhase = 0;
  let section: ProseLine['section'] = 'plan';
  let sectionLevel = 0;
  for (const line of proseLines(lines, span)) {
    const raw = lines[line] ?? '';
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (hidden || opensComment(text)) {
      hidden = !text.includes('-->');
      continue;
    }
    const heading = headingOf(text);
    if (heading !== undefined) {
      if (FIX_PHASE.test(heading.title)) fixPhase++;
      if (section === 'plan' || heading.level <= sectionLevel) {
        section = sectionOf(heading.title);
        sectionLevel = heading.level;
      }
    }
    yield { line, text, heading, section, fixPhase };
  }
}

function opensComment(text: string): boolean {
  return /^\s*<!--/.test(text) && !text.includes('-->');
}

function headingOf(text: string): Heading | undefined {
  const match = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/.exec(text.slice(0, LONGEST_TITLE));
  return match === null ? undefined : { level: match[1]?.length ?? 1, title: (match[2] ?? '').trim() };
}

function sectionOf(title: string): ProseLine['section'] {
  if (ASIDE.test(title)) return 'aside';
  return CRITERIA.test(title) ? 'criteria' : 'plan';
}
