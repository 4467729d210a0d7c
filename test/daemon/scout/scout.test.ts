import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { scout, summaryOf } from '../../../daemon/scout/scout.js';
import { freshFolder, type FreshFolder } from '../../fresh-folder.js';

const AT = '2026-11-21T00:00:00.000Z';

let folder: FreshFolder;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => {
  folder.remove();
});

function put(file: string, text = ''): void {
  const path = join(folder.path, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function git(...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd: folder.path,
    stdio: 'ignore',
  });
}

function commit(): void {
  git('add', '-A');
  git('commit', '-m', 'more');
}

const look = (signal?: AbortSignal): ReturnType<typeof scout> => scout(folder.path, AT, signal);

describe('a repo with commits', () => {
  beforeEach(() => {
    git('init');
    put(
      'package.json',
      JSON.stringify({
        name: 'shop',
        main: './lib/start.js',
        scripts: { build: 'TOKEN=s3cret tsc', test: 'jest' },
        dependencies: { react: '^18', '@shop/cart': 'git+https://user:s3cret@example.org/cart.git' },
        devDependencies: { jest: '*' },
      }),
    );
    put('packages/cart/package.json', '{"name": "@shop/cart", "dependencies": {"left-pad": "1"}}');
    put('lib/start.js', 'export function start() {}\nconst hidden = "s3cret";\nexport class Shop {}\n');
    put(
      'src/index.ts',
      'export const one = 1;\n  export const inner = 2;\nexport default async function two() {}\n',
    );
    put('src/deep/down/below/leaf.ts');
    put('test/start.test.ts');
    put('tsconfig.json', '{}');
    put('.env', 'PASSWORD=s3cret\n');
    commit();
    for (const text of ['a', 'b']) {
      put('src/index.ts', `export const one = '${text}';\n`);
      commit();
    }
  });

  test('is told in the form of the source system', async () => {
    put('not-added.py', '');
    const context = await look();
    expect(context).toEqual({
      discovered_at: AT,
      complete: true,
      structure: {
        directories: ['lib', 'packages', 'packages/cart', 'src', 'src/deep', 'src/deep/down', 'test'],
        entry_points: ['lib/start.js', 'src/index.ts'],
        config_files: ['package.json', 'packages/cart/package.json', 'tsconfig.json'],
      },
      dependencies: { external: ['jest', 'left-pad', 'react'], internal: ['@shop/cart', 'shop'] },
      functions: {
        'lib/start.js': {
          start: { line: 1, type: 'function', exports: true },
          Shop: { line: 3, type: 'class', exports: true },
        },
        'src/index.ts': { one: { line: 1, type: 'const', exports: true } },
      },
      patterns: {
        framework: 'react',
        style: 'TypeScript, JavaScript, Python',
        testing: 'jest',
        test_files: ['test/start.test.ts'],
        build_scripts: ['npm run build', 'npm run test'],
      },
      hot_files: expect.arrayContaining([{ path: 'src/index.ts', modification_count: 3 }]),
      entry_points: ['lib/start.js', 'src/index.ts'],
      cut: {},
    });
    expect(context.hot_files[0]).toEqual({ path: 'src/index.ts', modification_count: 3 });
    expect(await look()).toEqual(context);
    expect(summaryOf(context)).toContain('2 entry points');
  });

  test('gives no secret away', async () => {
    expect(JSON.stringify(await look())).not.toMatch(/s3cret|PASSWORD/);
  });

  test('long lists are cut, and say by how much', async () => {
    for (let number = 0; number < 230; number++) put(`many/m${String(number).padStart(3, '0')}/x.ts`);
    commit();
    const { structure, cut, hot_files: hot } = await look();
    expect(structure.directories).toHaveLength(200);
    expect(cut.directories).toBe(230 + 8 - 200);
    expect(hot).toHaveLength(50);
    expect(cut.hot_files).toBeGreaterThan(180);
  });

  test('without time: what is there by then, and that it is not all', async () => {
    expect(await look(AbortSignal.abort())).toMatchObject({ complete: false, hot_files: [], functions: {} });
  });

  test('does not start what its config names', async () => {
    git('config', 'core.fsmonitor', `touch ${join(folder.path, 'started')}; false`);
    expect((await look()).structure.directories).toContain('src');
    expect((await look()).complete).toBe(true);
    expect(() => {
      execFileSync('ls', [join(folder.path, 'started')], { stdio: 'ignore' });
    }).toThrow();
  });
});

describe('repos of other kinds', () => {
  test('without a commit', async () => {
    git('init');
    put('main.go', 'package main\nfunc Run() {}\n');
    put(
      'go.mod',
      'module example.org/app\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.9.0 // indirect\n)\nrequire a.b/c v1\n',
    );
    const context = await look();
    expect(context).toMatchObject({
      complete: true,
      dependencies: { external: ['a.b/c', 'github.com/gin-gonic/gin'], internal: ['example.org/app'] },
      functions: { 'main.go': { Run: { line: 2 } } },
      hot_files: [],
    });
  });

  test('without git, what others made left out', async () => {
    put('app.py', 'def serve():\n    pass\nclass App: pass\n');
    put(
      'requirements.txt',
      '# x\n-r other.txt\nDjango>=4  # web\npytest\nhttps://user:pw@example.org/x.whl\n',
    );
    put('node_modules/x/index.js');
    put('.tmp/20260101-000000-x/tasks.md');
    symlinkSync('/', join(folder.path, 'root'));
    const context = await look();
    expect(context).toMatchObject({
      complete: true,
      structure: { directories: [], entry_points: ['app.py'] },
      dependencies: { external: ['Django', 'pytest'] },
      functions: { 'app.py': { serve: { type: 'def' }, App: { type: 'class' } } },
      patterns: { framework: 'django', testing: 'pytest', style: 'Python' },
    });
    expect(JSON.stringify(context)).not.toContain('user');
  });

  test('with manifests in TOML and a Makefile', async () => {
    put(
      'Cargo.toml',
      '[package]\nname = "crab"\n[dependencies]\nserde = "1"\n[dependencies.tokio]\nversion = "1"\n',
    );
    put(
      'pyproject.toml',
      '[project]\nname = "snake"\ndependencies = [\n  "fastapi>=0.1",\n  "uvicorn[standard]",\n]\n[tool.poetry.dependencies]\npython = "3"\nhttpx = "*"\n',
    );
    put('Makefile', 'CC := gcc\nall: lib\n\techo\nlib:\n.PHONY: all\n');
    expect(await look()).toMatchObject({
      dependencies: {
        external: ['fastapi', 'httpx', 'serde', 'tokio', 'uvicorn'],
        internal: ['crab', 'snake'],
      },
      patterns: { framework: 'fastapi', build_scripts: ['make all', 'make lib'] },
    });
  });

  test('with names that nobody expects', async () => {
    git('init');
    const odd = [
      'new\nline/index.js',
      'esc\u001b[31m/x.ts',
      'quote"\'/y.ts',
      'ümläut/z.ts',
      '__proto__/index.js',
    ];
    for (const name of odd) put(name, 'export const a = 1;\n');
    commit();
    const context = await look();
    expect(context.structure.directories).toEqual(odd.map(dirname).sort());
    expect(context.hot_files.map(({ path }) => path).sort()).toEqual([...odd].sort());
  });

  test('with manifests that are broken', async () => {
    put('package.json', '{"name": ["x"], "dependencies": "y", "scripts": {"a b": 1}');
    put('sub/package.json', '[]');
    put('go.mod', 'require (\n');
    expect(await look()).toMatchObject({ dependencies: { external: [], internal: [] }, complete: true });
  });

  test('empty', async () => {
    expect(await look()).toMatchObject({ complete: true, entry_points: [] });
  });

  test('below the root of a git repo: its own part of it', async () => {
    git('init');
    put('outside.ts');
    put('part/index.ts', 'export type A = 1;\n');
    commit();
    expect(await scout(join(folder.path, 'part'), AT)).toMatchObject({
      structure: { directories: [], entry_points: ['index.ts'] },
      hot_files: [{ path: 'index.ts', modification_count: 1 }],
    });
  });
});
