/** One Jest for the whole tree. Tests import our packages from source; worker threads and processes run from dist. */
export default {
  testMatch: ['<rootDir>/{packages,apps}/*/{src,test}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/jest.transform.js',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@sordino/source', 'node', 'node-addons'] },
  prettierPath: null,
  testTimeout: 20_000,
};
