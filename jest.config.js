/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "\\.ts$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } } }] },
  // Packages that export themselves to `import` only; jest loads them by `require`, which Node 24 can.
  moduleNameMapper: {
    "^@middy/(core|util)$": "<rootDir>/node_modules/@middy/$1/index.js",
    "^fauxqs$": "<rootDir>/node_modules/fauxqs/dist/app.js",
  },
  modulePathIgnorePatterns: ["<rootDir>/.sluice/", "<rootDir>/build/"],
};
