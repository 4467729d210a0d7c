import type { Exported } from './context.js';

const MOST_NAMES = 100;
const LONGEST_LINE = 500;
const NAME = '([A-Za-z_$][\\w$]{0,99})';
const SCRIPT = new RegExp(
  `^export (?:default )?(?:declare )?(?:async )?(?:abstract )?(function|class|const|let|interface|type|enum)\\*? +${NAME}`,
);
const PYTHON = new RegExp(`^(?:async )?(def|class) +${NAME}`);
const GO = new RegExp('^(func|type) +([A-Z]\\w{0,99})');
const RUST = new RegExp(`^pub (?:async )?(fn|struct|enum|trait|mod) +${NAME}`);

/** What a source file offers to others, by the line on which it begins: names and kinds, nothing of the content. */
export function exportedNames(path: string, text: string): Record<string, Exported> | undefined {
  const pattern = patternFor(path);
  if (pattern === undefined) return undefined;
  const names = new Map<string, Exported>();
  for (const [index, line] of text.split('\n').entries()) {
    const [, type, name] = pattern.exec(line.slice(0, LONGEST_LINE)) ?? [];
    if (type === undefined || name === undefined || names.has(name)) continue;
    if (names.size >= MOST_NAMES) break;
    names.set(name, { line: index + 1, type, exports: true });
  }
  return names.size === 0 ? undefined : Object.fromEntries(names);
}

function patternFor(path: string): RegExp | undefined {
  if (/\.[mc]?[jt]sx?$/.test(path)) return SCRIPT;
  if (path.endsWith('.py')) return PYTHON;
  if (path.endsWith('.go')) return GO;
  return path.endsWith('.rs') ? RUST : undefined;
}
