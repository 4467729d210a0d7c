import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './tidy/source.js';

/**
 * Compiles sources of ours, such as `bus-schema/store/errors.ts`, below a folder, so that a child process of a test can
 * run them without a build. They may import each other, Node, and no package.
 */
export function compileInto(folder: string, sources: readonly string[]): void {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const source of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, source), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ES2022,
        target: ts.ScriptTarget.ES2022,
        verbatimModuleSyntax: true,
      },
    });
    const made = join(folder, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(made), { recursive: true });
    writeFileSync(made, outputText);
  }
}
