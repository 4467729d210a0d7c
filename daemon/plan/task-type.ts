/** Words and endings that tell what kind of work a task is; the first kind that matches is it. */
const KINDS: readonly { readonly type: string; readonly words: RegExp; readonly paths: RegExp }[] = [
  { type: 'ui', words: /^(ui|components?)$/, paths: /(^|\/)src\/components\/|\.tsx$/ },
  { type: 'integration', words: /^(integrations?|supabase|stripe)$/, paths: /(^|\/)api\// },
  { type: 'test', words: /^(tests?|coverage)$/, paths: /\.test\.ts$/ },
  { type: 'docs', words: /^(docs?)$/, paths: /\.md$/ },
  { type: 'config', words: /^(configs?)$/, paths: /\.json$|(^|\/)\.env/ },
];

/**
 * The type of a task that does not say it, from its files and its title: `ui`, `integration`, `test`, `docs`, `config`,
 * or else `code`. Whole words only: a `guide` is no `ui`.
 */
export function typeOf(title: string, files: readonly string[]): string {
  const words = [title, ...files].flatMap(text => text.toLowerCase().split(/[^a-z0-9]+/));
  const kind = KINDS.find(
    ({ words: word, paths }) => words.some(one => word.test(one)) || files.some(file => paths.test(file)),
  );
  return kind?.type ?? 'code';
}
