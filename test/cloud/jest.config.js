const shared = require('../../jest.config.js');

/** Tests of the app deployed to the emulated cloud; test/cloud/run.ts prepares what they need and runs them. */
module.exports = {
  ...shared,
  rootDir: '../..',
  roots: ['<rootDir>/test/cloud'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 240_000,
};
