import { availableParallelism } from 'node:os';

// `.npmrc` starts npm scripts with --experimental-vm-modules. A bare jest or an IDE does not read it, so
// without the flag everything is compiled to CommonJS instead.
const flags = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`;
const esm = flags.includes('--experimental-vm-modules');

const swc = (module, parser) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: module, ...(module === 'commonjs' ? { ignoreDynamic: false } : {}) },
    jsc: {
      target: 'es2022',
      parser,
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
  },
];
const typescript = { syntax: 'typescript', decorators: true };

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: esm ? ['.ts'] : [],
  moduleNameMapper: {
    '^nestjs-consistent-cache$': '<rootDir>/src/index.ts',
    '^nestjs-consistent-cache/redis$': '<rootDir>/src/coordination/redis/index.ts',
    '^nestjs-consistent-cache/postgres$': '<rootDir>/src/coordination/postgres/index.ts',
    '^nestjs-consistent-cache/testing$': '<rootDir>/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: esm
    ? { '^.+\\.ts$': swc('es6', typescript) }
    : { '^.+\\.ts$': swc('commonjs', typescript), '^.+\\.[cm]?js$': swc('commonjs', { syntax: 'ecmascript' }) },
  transformIgnorePatterns: esm ? ['/node_modules/'] : [],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/sample-app/dist/'],
};

// A story starts an application and its database; on a busy machine that alone takes seconds.
const E2E_TIMEOUT_MS = 20_000;
const stories = '<rootDir>/sample-app/test/**/*.e2e-spec.ts';
const needsPostgres = '<rootDir>/test/support/postgres-server.spec.ts';
const onPostgres = [
  '<rootDir>/test/postgres/**/*.spec.ts',
  '<rootDir>/test/transactions/**/*.spec.ts',
  '<rootDir>/test/docs-examples/postgres/*.spec.ts',
];

export default {
  coverageProvider: 'v8',
  // Jest leaves one core to itself. A third of the time is spent waiting: for faults that take seconds, and for other processes.
  maxWorkers: Math.min(availableParallelism() + 1, 8),
  testSequencer: '<rootDir>/test/support/long-first.sequencer.mjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      globalSetup: '<rootDir>/test/support/redis.global-setup.ts',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      testPathIgnorePatterns: [
        '<rootDir>/test/e2e/',
        '<rootDir>/test/e2e-instances/',
        '<rootDir>/test/postgres/',
        '<rootDir>/test/transactions/',
        '<rootDir>/test/docs-examples/postgres/',
        needsPostgres,
      ],
    },
    {
      ...shared,
      displayName: 'postgres',
      // The same file as below, which jest therefore runs once for all.
      globalSetup: '<rootDir>/test/support/servers.global-setup.ts',
      globalTeardown: '<rootDir>/test/support/postgres.global-teardown.ts',
      testEnvironment: '<rootDir>/test/support/postgres-environment.ts',
      setupFilesAfterEnv: ['<rootDir>/test/support/empty-database.ts'],
      testMatch: onPostgres,
    },
    {
      ...shared,
      displayName: 'e2e',
      setupFiles: ['<rootDir>/test/support/embedded-database.ts', '<rootDir>/test/support/in-process-caches.ts'],
      testTimeout: E2E_TIMEOUT_MS,
      testMatch: ['<rootDir>/test/e2e/**/*.spec.ts', stories],
    },
    {
      ...shared,
      displayName: 'e2e-postgres',
      // The same file as below, which jest therefore runs once for both.
      globalSetup: '<rootDir>/test/support/servers.global-setup.ts',
      globalTeardown: '<rootDir>/test/support/postgres.global-teardown.ts',
      testEnvironment: '<rootDir>/test/support/postgres-environment.ts',
      setupFiles: ['<rootDir>/test/support/in-process-caches.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/support/shop-database.ts'],
      testTimeout: E2E_TIMEOUT_MS,
      testMatch: [needsPostgres, stories],
    },
    {
      ...shared,
      displayName: 'e2e-instances',
      globalSetup: '<rootDir>/test/support/servers.global-setup.ts',
      globalTeardown: '<rootDir>/test/support/postgres.global-teardown.ts',
      testEnvironment: '<rootDir>/test/support/postgres-environment.ts',
      setupFilesAfterEnv: ['<rootDir>/test/support/shop-database.ts'],
      testMatch: ['<rootDir>/test/e2e-instances/**/*.spec.ts'],
    },
  ],
};
