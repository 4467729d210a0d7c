import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Root of the repo. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Folders with TypeScript of ours. */
const CODE_FOLDERS = ['bus-schema', 'daemon', 'worker', 'scripts', 'test', 'bench'];

/** Where the peers of the benches are installed, and where what they measured is kept. */
const NOT_OURS = /[/]bench[/](peers[/]node_modules|results)([/]|$)/;

export interface Import {
  /** Path of the file in the repo (`bus-schema/ids.ts`), `node:fs`, or the name of a package. */
  readonly target: string;
  readonly kind: 'file' | 'node' | 'package';
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** A source as it would be read from `path`. */
export function parseSource(path: string, text: string): Source {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  walk(ast, node => {
    const found = specifierOf(node);
    if (found !== undefined)
      imports.push({ ...resolve(path, found.specifier), typeOnly: found.typeOnly, line: lineOf(ast, node) });
  });
  return { path, text, ast, imports };
}

/** Every TypeScript file of ours. */
export function readSources(): Source[] {
  return CODE_FOLDERS.flatMap(folder => filesBelow(folder))
    .filter(path => path.endsWith('.ts'))
    .map(path => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Files of ours below a folder of the repo, relative to the root; none where there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !NOT_OURS.test(entry.parentPath))
    .map(entry => posix.relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** Calls `visit` with each node of a tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, child => {
    walk(child, visit);
  });
}

/** Line of a node, counted from 1. */
export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

function specifierOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) };
  if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  )
    return { specifier: node.argument.literal.text, typeOnly: true };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument !== undefined && ts.isStringLiteralLike(argument))
      return { specifier: argument.text, typeOnly: false };
  }
  return undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every(element => element.isTypeOnly)
  );
}

function resolve(from: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('node:')) return { target: specifier, kind: 'node' };
  if (!specifier.startsWith('.')) {
    const parts = specifier.split('/');
    return { target: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/'), kind: 'package' };
  }
  return { target: posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts'), kind: 'file' };
}
