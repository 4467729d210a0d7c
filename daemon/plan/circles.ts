/** After so many circles the reader has the idea. */
const MOST_CIRCLES = 50;

/**
 * Circles of a directed graph given as lists of successors, each once and beginning with its smallest node. Together
 * they hold an edge of every circle there is: with one edge of each taken out in turn, none is left in the end. Iterative, linear.
 */
export function circlesIn(next: readonly (readonly number[])[]): number[][] {
  const circles: number[][] = [];
  /** 0: not seen; otherwise its position on the current path plus one; -1: finished. */
  const state = new Int32Array(next.length);
  const seen = new Set<string>();
  for (let root = 0; root < next.length; root++) {
    if (state[root] !== 0) continue;
    const path = [root];
    const taken = [0];
    state[root] = 1;
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const top = path.length - 1;
      const position = taken[top] ?? 0;
      const to = next[node]?.[position];
      if (to === undefined) {
        state[node] = -1;
        path.pop();
        taken.pop();
        continue;
      }
      taken[top] = position + 1;
      const there = state[to] ?? 0;
      if (there === 0) {
        path.push(to);
        taken.push(0);
        state[to] = path.length;
      } else if (there > 0 && circles.length < MOST_CIRCLES) {
        const edge = `${node} ${to}`;
        // The same dependency may be listed twice.
        if (!seen.has(edge)) circles.push(fromSmallest(path.slice(there - 1)));
        seen.add(edge);
      }
    }
  }
  return circles;
}

function fromSmallest(circle: readonly number[]): number[] {
  const start = circle.reduce((best, node, index) => (node < (circle[best] ?? 0) ? index : best), 0);
  return [...circle.slice(start), ...circle.slice(0, start)];
}
