/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/one-realm.js'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Our imports end in `.js`, as Node wants them, where the source is a `.ts`. The second choice keeps packages whole.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // One more than the smallest machine has processors: the tests of whole programs wait most of their time.
  maxWorkers: 3,
  // A worker that has grown is replaced between two test files: modules in native ESM mode are not given back.
  workerIdleMemoryLimit: '400MB',
  testTimeout: 30_000,
};
