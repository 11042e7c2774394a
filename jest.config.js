/** Packages that are ES modules only; jest's own `require` takes CommonJS, so they are transformed as our sources are. */
const esModules = ["@middy", "cookie", "fauxqs", "is-network-error", "p-limit", "p-retry", "yocto-queue"];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "\\.[jt]s$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } } }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join("|")})/)`],
  // For a machine that is busy with other work: no test relies on jest's own five seconds.
  testTimeout: 180_000,
  // A new process after each suite that failed or left something running.
  testRunner: "<rootDir>/test/setup/suiteRunner.js",
  // Replaces a process that leaks. The limit counts garbage too, which V8 collects only at about 400 MB.
  workerIdleMemoryLimit: "600MB",
  // Half of the time, suites wait for timers and for the local cloud. Four of them keep two cores busy.
  maxWorkers: 4,
  testSequencer: "<rootDir>/test/setup/longSuitesFirst.js",
  globalSetup: "<rootDir>/test/setup/sharedParts.ts",
  globalTeardown: "<rootDir>/test/setup/endSharedParts.ts",
  // Modules get these as arguments: each other access to a global is slow in a test's context. Not those that tests replace.
  sandboxInjectedGlobals: [
    ...["Array", "BigInt", "Boolean", "JSON", "Map", "Math", "Number", "Object", "Promise", "Reflect", "Set"],
    ...["String", "Symbol", "Uint8Array", "WeakMap", "WeakSet"],
  ],
  setupFiles: ["<rootDir>/test/setup/oneErrorClass.js", "<rootDir>/test/setup/manyListeners.js"],
  // Packages that export themselves to `import` only.
  moduleNameMapper: {
    "^@middy/(core|util|sqs-partial-batch-failure)$": "<rootDir>/node_modules/@middy/$1/index.js",
    "^fauxqs$": "<rootDir>/node_modules/fauxqs/dist/app.js",
  },
  modulePathIgnorePatterns: ["<rootDir>/.sluice/", "<rootDir>/build/"],
};
