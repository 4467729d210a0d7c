import { distance } from 'fastest-levenshtein';

/** Comparing one word with more than this would make a long list of mistakes slow. */
const MOST_COMPARED = 2000;

/** `Did you mean retries?`, if one of the candidates is close enough to be what was meant. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = closest(word, candidates);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** The candidate with the fewest differing letters, if they are less than half of the longer word. */
function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  let compared = 0;
  for (const candidate of candidates) {
    if (++compared > MOST_COMPARED) break;
    const longer = Math.max(candidate.length, word.length);
    const shorter = Math.min(candidate.length, word.length);
    const most = Math.min(least, Math.max(2, longer * 0.45), shorter);
    if (longer - shorter >= most) continue;
    const differing = distance(lower, candidate.toLowerCase());
    if (differing >= most) continue;
    least = differing;
    best = candidate;
  }
  return best;
}
