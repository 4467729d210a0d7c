import ts from 'typescript';
import { parseSource, walk } from '../tidy/source.js';

/**
 * What the tests of a file are called, as it is written there. Of a table of cases it is the title with its
 * placeholders, and also what each row begins with: often that is all that a case is called by.
 */
export function testTitles(path: string, text: string): string[] {
  if (path.endsWith('.txt')) return storyTitle(text);
  const titles = new Set<string>();
  const { ast } = parseSource(path, text);
  const constants = constantsOf(ast);
  const meant = (node: ts.Expression): readonly ts.Expression[] =>
    (ts.isIdentifier(node) ? constants.get(node.text) : undefined) ?? [node];
  walk(ast, node => {
    if (!ts.isCallExpression(node) || !meant(node.expression).some(isOfTest)) return;
    const [first] = node.arguments;
    if (first === undefined) return;
    const found = isEach(node.expression) ? meant(first).flatMap(rowNames) : [titleIn(first)];
    for (const title of found) if (title !== undefined) titles.add(title);
  });
  return [...titles];
}

/** What constants are made of, by their name: a table of cases, or a test that is left out on some machines. */
function constantsOf(ast: ts.SourceFile): ReadonlyMap<string, readonly ts.Expression[]> {
  const found = new Map<string, ts.Expression[]>();
  walk(ast, node => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined)
      return;
    const earlier = found.get(node.name.text);
    if (earlier === undefined) found.set(node.name.text, [node.initializer]);
    else earlier.push(node.initializer);
  });
  return found;
}

/** A story of the scheduler is called by the comment that it begins with. */
function storyTitle(text: string): string[] {
  const [, title] = /^# (.+)/.exec(text) ?? [];
  return title === undefined ? [] : [title];
}

/** `test`, `test.skip`, `test.each(…)`, `pythonTest`, `(asRoot ? test : test.skip)`; not `describe`. */
function isOfTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return /^(test|\w+Test)$/.test(callee.text);
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee))
    return isOfTest(callee.expression);
  if (ts.isParenthesizedExpression(callee)) return isOfTest(callee.expression);
  return ts.isConditionalExpression(callee) && isOfTest(callee.whenTrue);
}

const isEach = (callee: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(callee) && callee.name.text === 'each';

function titleIn(argument: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(argument)) return argument.text;
  if (ts.isTemplateExpression(argument)) return argument.getText().slice(1, -1);
  // A title that is put together: what is written there is its first part.
  if (ts.isCallExpression(argument) && argument.arguments[0] !== undefined)
    return titleIn(argument.arguments[0]);
  return undefined;
}

function rowNames(table: ts.Expression): (string | undefined)[] {
  if (ts.isAsExpression(table)) return rowNames(table.expression);
  if (!ts.isArrayLiteralExpression(table)) return [];
  return table.elements.map(row => {
    if (ts.isArrayLiteralExpression(row))
      return row.elements[0] === undefined ? undefined : titleIn(row.elements[0]);
    if (ts.isObjectLiteralExpression(row)) {
      const [named] = row.properties;
      return named !== undefined && ts.isPropertyAssignment(named) ? titleIn(named.initializer) : undefined;
    }
    return titleIn(row);
  });
}
