// Runs inside a worker thread. Plain JavaScript because a worker starts without the loaders that read TypeScript.
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
// Checking the templates against CloudFormation's rules takes longer than all the rest; `cdk synth` does it.
process.env.CDK_VALIDATION = 'false';
require('tsx/cjs');
const { buildApp, stackNames } = require('../../../lib/app.ts');

try {
  const { directory } = buildApp(workerData).synth();
  parentPort.postMessage({ directory, stackNames }, []);
} catch (error) {
  parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) }, []);
}
