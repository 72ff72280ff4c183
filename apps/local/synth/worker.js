// Runs inside a worker thread, started with the loader that reads TypeScript; its own first file has to be JavaScript.
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
// Checking the templates against CloudFormation's rules takes longer than all the rest; `cdk synth` does it.
process.env.CDK_VALIDATION = 'false';
const { buildApp, stackNames } = require('../../../lib/app.ts');

try {
  const { directory } = buildApp(workerData).synth();
  parentPort.postMessage({ directory, stackNames }, []);
} catch (error) {
  parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) }, []);
}
