import { posix } from 'node:path';
import ts from 'typescript';
import { lineOf, walk, type Source } from './source.js';

/** Each rule gives one line for each breach: where it is, what it is, and what to do. */

const LONGEST_FILE = 400;
const LONGEST_FUNCTION = 70;

/** Names that say nothing about what a file owns. */
const HOLLOW =
  /(^|[-_.])(managers?|helpers?|utils?|utilities|common|misc|handlers?|engines?|services?)([-_.]|$)/i;

/** Folders that decide and never act. */
const PURE = /^daemon\/(scheduler|plan|projections)\//;

/** What reaches the clock, chance, the machine or another turn of the event loop. */
const IMPURE = new Set([
  'Date',
  'performance',
  'process',
  'console',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
]);

export function longFiles(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    return lines > LONGEST_FILE
      ? [`${path} has ${lines} lines; split it by noun, ${LONGEST_FILE} are the most`]
      : [];
  });
}

/** Tests are left out: a `describe` is no function to be read in one piece. */
export function longFunctions(sources: readonly Source[]): string[] {
  const breaches: string[] = [];
  for (const { path, ast } of sources.filter(source => !/^(test|bench)\//.test(source.path))) {
    walk(ast, node => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
      const first = lineOf(ast, node);
      const length = ast.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - first;
      if (length > LONGEST_FUNCTION)
        breaches.push(
          `${path}:${first}: a function of ${length} lines; name its steps, ${LONGEST_FUNCTION} are the most`,
        );
    });
  }
  return breaches;
}

export function hollowNames(paths: readonly string[]): string[] {
  return paths.flatMap(path => {
    const hollow = path
      .split('/')
      .find(part => HOLLOW.test(part.slice(0, -posix.extname(part).length || undefined)));
    return hollow === undefined
      ? []
      : [`${path}: "${hollow}" does not say what it owns; name it after its noun`];
  });
}

export function looseTypes(sources: readonly Source[]): string[] {
  const breaches: string[] = [];
  for (const { path, ast } of sources) {
    walk(ast, node => {
      if (node.kind === ts.SyntaxKind.AnyKeyword)
        breaches.push(`${path}:${lineOf(ast, node)}: any; take unknown and narrow it`);
      if (isDoubleCast(node))
        breaches.push(`${path}:${lineOf(ast, node)}: as unknown as; decode the value, or correct its type`);
    });
  }
  return breaches;
}

function isDoubleCast(node: ts.Node): boolean {
  return (
    ts.isAsExpression(node) &&
    ts.isAsExpression(node.expression) &&
    node.expression.type.kind === ts.SyntaxKind.UnknownKeyword
  );
}

export function impurities(sources: readonly Source[]): string[] {
  const breaches: string[] = [];
  for (const { path, ast, imports } of sources.filter(source => PURE.test(source.path))) {
    for (const { target, kind, line } of imports)
      if (kind === 'node')
        breaches.push(`${path}:${line}: ${target}; let the shell do it and pass in what it found`);
    walk(ast, node => {
      const what = impurityOf(node);
      if (what !== undefined)
        breaches.push(
          `${path}:${lineOf(ast, node)}: ${what}; time, chance and the machine come in as arguments`,
        );
    });
  }
  return breaches;
}

function impurityOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isAwaitExpression(node)) return 'await';
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random';
  if (!ts.isIdentifier(node) || !IMPURE.has(node.text) || isMemberName(node)) return undefined;
  return node.text === 'Date' && isConversion(node.parent) ? undefined : node.text;
}

/** `new Date(ms)` and `Date.parse(text)` look at no clock: they say the same in another form. */
function isConversion(use: ts.Node): boolean {
  if (ts.isNewExpression(use)) return (use.arguments?.length ?? 0) > 0;
  return ts.isPropertyAccessExpression(use) && use.name.text === 'parse';
}

/** `event.process` and `{ process: 1 }` are names of ours. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}

/** Places that exist on one machine only. */
export function machinePaths(files: readonly { path: string; text: string }[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        /(?<![\w.$})-])\/(root|tmp|mnt|srv)\//.test(line)
          ? [`${path}:${index + 1}: a path of one machine; take it from the environment or os.tmpdir()`]
          : [],
      ),
  );
}
