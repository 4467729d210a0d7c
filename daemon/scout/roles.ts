import type { Manifests } from './manifests.js';

/** What a file is to a repo, by its path alone. */
const CODE = 'ts|tsx|mts|cts|js|jsx|mjs|cjs|py|go|rs|rb|java|kt|php|cs|swift|ex|c|cc|cpp';
const PACKAGE = '(?:(?:packages|apps|services|crates|libs|modules)/[^/]+/)?';
const ENTRY = new RegExp(
  `^${PACKAGE}(?:(?:src|lib|bin|app|cmd(?:/[^/]+)?)/)?(?:index|main|app|server|cli|lib|__main__|manage)\\.(?:${CODE})$`,
);
const TEST = new RegExp(
  `(^|/)(__tests__|tests?|spec)/.*\\.(${CODE})$|[._-](test|spec)\\.(${CODE})$|(^|/)test_[^/]*\\.py$`,
  'i',
);
const CONFIG = new RegExp(
  [
    '(^|/)(package\\.json|pyproject\\.toml|setup\\.(cfg|py)|go\\.mod|Cargo\\.toml|Gemfile|pom\\.xml|composer\\.json)$',
    '(^|/)(requirements[\\w.-]*\\.txt|Makefile|CMakeLists\\.txt|Dockerfile|docker-compose[\\w.-]*\\.ya?ml|build\\.gradle(\\.kts)?)$',
    '(^|/)(tsconfig[\\w.-]*\\.json|[\\w.-]+\\.config\\.(js|ts|mjs|cjs|json|ya?ml)|\\.(eslintrc|prettierrc|babelrc)[\\w.-]*|\\.editorconfig)$',
    '^\\.github/workflows/[^/]+\\.ya?ml$|^\\.gitlab-ci\\.yml$|(^|/)(tox\\.ini|mypy\\.ini|ruff\\.toml|\\.golangci\\.ya?ml|rustfmt\\.toml)$',
  ].join('|'),
);
const DEEPEST_CONFIG = 3;

export const isEntryPoint = (path: string): boolean => ENTRY.test(path);
export const isTestFile = (path: string): boolean => TEST.test(path);
export const isConfigFile = (path: string): boolean =>
  path.split('/').length <= DEEPEST_CONFIG && CONFIG.test(path);

const FRAMEWORKS = [
  ...['next', 'nuxt', 'react', 'vue', 'svelte', '@angular/core', 'express', 'fastify', 'koa', '@nestjs/core'],
  ...['django', 'flask', 'fastapi', 'rails', 'github.com/gin-gonic/gin', 'actix-web', 'axum', 'electron'],
];
const TESTING = [
  ...['jest', 'vitest', 'mocha', 'ava', '@playwright/test', 'cypress', 'pytest', 'rspec', 'tape'],
  ...['github.com/stretchr/testify', 'rstest', 'fast-check', 'hypothesis'],
];

/** Packages of a kind that the repo needs, or what its files show. */
export function frameworkOf({ needed }: Manifests): string {
  return among(FRAMEWORKS, needed);
}

export function testingOf({ needed }: Manifests, files: readonly string[]): string {
  const known = among(TESTING, needed);
  if (known !== 'unknown') return known;
  if (files.some(path => path.endsWith('_test.go'))) return 'go test';
  return files.some(path => /(^|\/)test_[^/]*\.py$/.test(path)) ? 'pytest' : 'unknown';
}

function among(names: readonly string[], needed: ReadonlySet<string>): string {
  const lower = new Set([...needed].map(name => name.toLowerCase()));
  const found = names.filter(name => lower.has(name));
  return found.length === 0 ? 'unknown' : found.join(', ');
}

const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ ts: 'TypeScript', tsx: 'TypeScript', mts: 'TypeScript', js: 'JavaScript', jsx: 'JavaScript' },
  ...{ mjs: 'JavaScript', cjs: 'JavaScript', py: 'Python', go: 'Go', rs: 'Rust', rb: 'Ruby', java: 'Java' },
  ...{ kt: 'Kotlin', php: 'PHP', cs: 'C#', swift: 'Swift', ex: 'Elixir', c: 'C', cc: 'C++', cpp: 'C++' },
  ...{ sh: 'shell' },
};
const STYLES: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)(\.eslintrc[\w.-]*|eslint\.config\.\w+)$/, 'eslint'],
  [/(^|\/)(\.prettierrc[\w.-]*|prettier\.config\.\w+)$/, 'prettier'],
  [/(^|\/)\.editorconfig$/, 'editorconfig'],
  [/(^|\/)(ruff\.toml|\.ruff\.toml)$/, 'ruff'],
  [/(^|\/)\.golangci\.ya?ml$/, 'golangci-lint'],
  [/(^|\/)rustfmt\.toml$/, 'rustfmt'],
];
const MOST_LANGUAGES = 3;

/** The languages there is most of, and what keeps the code in shape. */
export function styleOf(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of files) {
    const ending = /\.([a-z]{1,5})$/.exec(path)?.[1] ?? '';
    const language = Object.hasOwn(LANGUAGES, ending) ? LANGUAGES[ending] : undefined;
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  const languages = [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, MOST_LANGUAGES)
    .map(([language]) => language);
  const tools = STYLES.filter(([pattern]) => files.some(path => pattern.test(path))).map(([, tool]) => tool);
  return [...languages, ...tools].join(', ') || 'unknown';
}
