import { listAt, type TaskRoster, type Wrong } from './tasks-file-refs.js';

/** What a drawing says: one task waits for another. */
export interface DrawnOrder {
  readonly before: string;
  readonly after: string;
  /** From 0, within the drawing. */
  readonly row: number;
}

export interface Drawing {
  readonly orders: readonly DrawnOrder[];
  readonly wrong: readonly (Wrong & { readonly row: number })[];
}

/** Where a character of a line leads on to. */
const LEFT = 1;
const RIGHT = 2;
const UP = 4;
const DOWN = 8;
/** What is behind it is pointed at, in the direction that it has no leg in. */
const HEAD = 16;

const LEGS = new Map<string, number>();
for (const [characters, legs] of [
  ['─━═╌┄┈╴╶', LEFT | RIGHT],
  ['│┃║╎┆', UP | DOWN],
  ['┌╭╔┏', RIGHT | DOWN],
  ['┐╮╗┓', LEFT | DOWN],
  ['└╰╚┗', RIGHT | UP],
  ['┘╯╝┛', LEFT | UP],
  ['├╠┣', RIGHT | UP | DOWN],
  ['┤╣┫', LEFT | UP | DOWN],
  ['┬╦┳', LEFT | RIGHT | DOWN],
  ['┴╩┻', LEFT | RIGHT | UP],
  ['┼╬╋', LEFT | RIGHT | UP | DOWN],
  ['▶►▸→⟶⇒➔➜➡', LEFT | HEAD],
  ['◀◄◂←⟵⇐', RIGHT | HEAD],
  ['▼▾↓⇓', UP | HEAD],
  ['▲▴↑⇑', DOWN | HEAD],
] as const)
  for (const character of characters) LEGS.set(character, legs);

/** No drawing is wider. */
const LONGEST = 4000;
/** Blanks between a line and what it leads to. */
const WIDEST_GAP = 3;

/** Tasks that are written together, and where. */
interface Node {
  readonly from: number;
  /** Behind the last column. */
  readonly to: number;
  readonly row: number;
  readonly ids: readonly string[];
}

interface Row {
  /** The legs of each column; 0 where there is no line. */
  readonly legs: Uint8Array;
  /** The node that covers each column; one behind the last for those that nothing covers. */
  readonly owners: Uint16Array;
  readonly nodes: readonly Node[];
}

/** The ends of lines that hang together, by what they say of the node there. */
interface Net {
  readonly tails: Set<Node>;
  readonly heads: Set<Node>;
  /** On the right of a line's end or below it, without an arrow: where a tree has its branches, or an arrow back begins. */
  readonly right: Set<Node>;
  readonly below: Set<Node>;
  onwards: boolean;
  backwards: boolean;
}

/**
 * Reads arrows between tasks, drawn with characters: `T001 → T002 --> T003`, or lines over several rows that meet, branch
 * and end in arrows. All that stands at a net's beginnings comes before all that its arrows point at. A line that leads
 * nowhere, or to what begins with no task, says nothing.
 */
export function readDrawing(lines: readonly string[], roster: TaskRoster): Drawing {
  const wrong: (Wrong & { row: number })[] = [];
  const rows = lines.map((line, row): Row => {
    const characters = charactersOf(line.slice(0, LONGEST));
    const nodes = nodesOf(characters, row, roster, wrong);
    const owners = new Uint16Array(characters.length).fill(nodes.length);
    for (const [index, { from, to }] of nodes.entries()) owners.fill(index, from, to);
    return { legs: legsOf(characters), owners, nodes };
  });
  const orders: DrawnOrder[] = [];
  for (const net of netsOf(rows)) {
    const { tails, heads } = settled(net);
    for (const head of heads) {
      for (const tail of tails) {
        if (head === tail) continue;
        for (const after of head.ids) {
          for (const before of tail.ids) {
            if (--roster.left < 0) return { orders, wrong };
            orders.push({ before, after, row: head.row });
          }
        }
      }
    }
  }
  return { orders, wrong };
}

/** A line with its ASCII lines as drawn ones, and without marks of lists, tables and remarks that look like lines. */
function charactersOf(line: string): string {
  if (/^\s*\|.*\|\s*$/.test(line) && !/^[\s|]*$/.test(line)) return '';
  const bare = line
    .replace(/\r$/, '')
    .replace(/^(\s*)(?:[-*+]|\d{1,9}[.)])(?=\s+[\w*`([~])/, (mark, indent: string) =>
      indent.padEnd(mark.length),
    )
    .replace(/\([^()]{0,300}\)/g, remark =>
      remark.replace(/[^\w\s(),;&+/–-]|->/g, it => '.'.repeat(it.length)),
    )
    .replace(/<?(?:-[-.]{0,80}-|-|={1,80})>/g, drawnArrow)
    .replace(/<(?:-[-.]{0,80}-|-|={1,80})/g, drawnArrow)
    .replace(/(?<=[─━═])>/g, '▶')
    .replace(/<(?=[─━═])/g, '◀');
  return bare
    .replace(/^[\s|+\\`'├└│─-]*/, drawnBranch)
    .replace(/(?<=^|\s)[|vV^](?=\s|$)/g, it => (it === '|' ? '│' : it === '^' ? '▲' : '▼'));
}

const drawnArrow = (arrow: string): string =>
  arrow.replace(/[-=.]/g, '─').replace('<', '◀').replace('>', '▶');

/** `|-- T002` and "`-- T002" at a line's beginning. */
function drawnBranch(prefix: string): string {
  if (!/[|+\\`'├└](?:\s*$|[-─])|^\s*\|/.test(prefix)) return prefix;
  return prefix
    .replace(/\|(?=-)|\+/g, '├')
    .replace(/\|/g, '│')
    .replace(/[\\`'](?=-)/g, '└')
    .replace(/-/g, '─');
}

function legsOf(characters: string): Uint8Array {
  return Uint8Array.from({ length: characters.length }, (_, at) => LEGS.get(characters.charAt(at)) ?? 0);
}

/** The texts between lines that begin with tasks; a wide gap before a task begins another. */
function nodesOf(
  characters: string,
  row: number,
  roster: TaskRoster,
  wrong: (Wrong & { row: number })[],
): Node[] {
  const nodes: Node[] = [];
  const add = (from: number, to: number): void => {
    const text = characters.slice(from, to);
    // A list in parentheses is one; anything else there is a remark.
    const begin = /^[\s`*_[{"'~]*(?:\|[^|]{0,100}\|\s*)?(\()?/.exec(text);
    const listed = listAt(text, begin?.[0].length ?? 0, roster);
    const closed = begin?.[1] === undefined || /^\s*\)/.test(text.slice(listed.end));
    if (listed.ids.length === 0 && listed.wrong.length === 0) return;
    if (!closed) return;
    for (const each of listed.wrong) wrong.push({ ...each, row });
    nodes.push({ from: from + text.search(/\S|$/), to: from + text.trimEnd().length, row, ids: listed.ids });
  };
  let from = 0;
  for (let at = 0; at <= characters.length; at++) {
    const line = at === characters.length || LEGS.has(characters.charAt(at));
    const apart = characters.charAt(at) === 'T' && characters.slice(Math.max(from, at - 2), at) === '  ';
    if (!line && !apart) continue;
    if (at > from && characters.slice(from, at).trim() !== '') add(from, at);
    from = line ? at + 1 : at;
  }
  return nodes;
}

/** All nets, each found from the first of its characters. */
function netsOf(rows: readonly Row[]): Net[] {
  const nets: Net[] = [];
  const seen = rows.map(({ legs }) => new Uint8Array(legs.length));
  for (const [row, { legs }] of rows.entries()) {
    for (let column = 0; column < legs.length; column++) {
      if (legs[column] === 0 || seen[row]?.[column] === 1) continue;
      nets.push(trace(rows, seen, [row, column]));
    }
  }
  return nets;
}

type Cell = readonly [row: number, column: number];

function trace(rows: readonly Row[], seen: readonly Uint8Array[], start: Cell): Net {
  const net: Net = {
    ...{ tails: new Set(), heads: new Set(), right: new Set(), below: new Set() },
    ...{ onwards: false, backwards: false },
  };
  const open: Cell[] = [start];
  const visit = ([row, column]: Cell): void => {
    const known = seen[row];
    if (known === undefined || known[column] === 1) return;
    known[column] = 1;
    open.push([row, column]);
  };
  visit(start);
  open.shift();
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    for (const next of neighboursOf(rows, cell)) visit(next);
    lookAround(rows, cell, net);
  }
  return net;
}

const legsAt = (rows: readonly Row[], row: number, column: number): number => legsOfRow(rows[row], column);

function neighboursOf(rows: readonly Row[], [row, column]: Cell): Cell[] {
  const legs = legsAt(rows, row, column);
  const next: Cell[] = [];
  if ((legs & LEFT) !== 0 && (legsAt(rows, row, column - 1) & RIGHT) !== 0) next.push([row, column - 1]);
  if ((legs & RIGHT) !== 0 && (legsAt(rows, row, column + 1) & LEFT) !== 0) next.push([row, column + 1]);
  if ((legs & UP) !== 0 && leadsDown(legsAt(rows, row - 1, column))) next.push([row - 1, column]);
  if ((legs & DOWN) !== 0 && (legsAt(rows, row + 1, column) & UP) !== 0) next.push([row + 1, column]);
  // Seen from above: the branch below hangs on the plain line.
  if (legs === (LEFT | RIGHT) && (legsAt(rows, row + 1, column) & UP) !== 0) next.push([row + 1, column]);
  return next;
}

/** People hang a branch below a line that has no mark for it. */
const leadsDown = (legs: number): boolean => (legs & DOWN) !== 0 || legs === (LEFT | RIGHT);

/** Adds the nodes that a character touches. */
function lookAround(rows: readonly Row[], [row, column]: Cell, net: Net): void {
  const legs = legsAt(rows, row, column);
  const head = (legs & HEAD) !== 0;
  if (head) {
    const onwards = (legs & (LEFT | UP)) !== 0;
    net.onwards ||= onwards;
    net.backwards ||= !onwards;
  }
  const points = (leg: number): boolean => head && opposite(legs & ~HEAD) === leg;
  const touch = (node: Node | undefined, leg: number, plain: Set<Node>): void => {
    if (node === undefined) return;
    if (points(leg)) net.heads.add(node);
    else if ((legs & leg) !== 0) plain.add(node);
  };
  touch(besideOf(rows[row], column, -1), LEFT, net.tails);
  touch(besideOf(rows[row], column, 1), RIGHT, net.right);
  touch(coveringOf(rows[row - 1], column), UP, net.tails);
  touch(coveringOf(rows[row + 1], column), DOWN, net.below);
}

function opposite(leg: number): number {
  if (leg === LEFT) return RIGHT;
  if (leg === RIGHT) return LEFT;
  return leg === UP ? DOWN : UP;
}

function besideOf(row: Row | undefined, column: number, step: 1 | -1): Node | undefined {
  for (let gap = 1; gap <= WIDEST_GAP + 1; gap++) {
    const node = coveringOf(row, column + step * gap);
    if (node !== undefined || legsOfRow(row, column + step * gap) !== 0) return node;
  }
  return undefined;
}

const legsOfRow = (row: Row | undefined, column: number): number => row?.legs[column] ?? 0;

function coveringOf(row: Row | undefined, column: number): Node | undefined {
  return row?.nodes[row.owners[column] ?? row.nodes.length];
}

/**
 * What a net without any arrow leads to is on its right or below. Where all arrows lead on, a line's end on the right is a
 * branch whose arrow was forgotten; where all lead back, they begin there.
 */
function settled({ tails, heads, right, below, onwards, backwards }: Net): Pick<Net, 'tails' | 'heads'> {
  if (!onwards && !backwards) return { tails, heads: new Set([...right, ...below]) };
  if (onwards) return { tails, heads: backwards ? heads : new Set([...heads, ...right]) };
  return { tails: new Set([...tails, ...right, ...below]), heads };
}
