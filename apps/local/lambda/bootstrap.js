// Runs inside a worker thread: Lambda's runtime loop for one function.
// Plain JavaScript because a worker starts without the loaders that read TypeScript.
'use strict';
const { existsSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { parentPort, workerData } = require('node:worker_threads');

const offset = new BigInt64Array(workerData.clockOffset);
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);
const engineNow = () => realNow() + Number(Atomics.load(offset, 0));

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [engineNow()], newTarget),
  apply: () => new RealDate(engineNow()).toString(),
  get: (target, key) => (key === 'now' ? engineNow : Reflect.get(target, key)),
});

function failure(errorType, error) {
  const isError = error instanceof Error;
  return {
    errorType: errorType ?? (isError ? error.name : typeof error),
    errorMessage: isError ? error.message : String(error),
    trace: isError && error.stack ? error.stack.split('\n') : [],
  };
}

async function load(folder, handler) {
  const dot = handler.lastIndexOf('.');
  const [moduleName, exportName] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const file = ['.js', '.mjs', '.cjs']
    .map((ending) => path.join(folder, moduleName + ending))
    .find(existsSync);
  if (!file)
    return { failed: failure('Runtime.ImportModuleError', new Error(`Cannot find module '${moduleName}'`)) };
  try {
    const loaded = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : require(file);
    if (typeof loaded[exportName] === 'function') return { run: loaded[exportName] };
    return {
      failed: failure('Runtime.HandlerNotFound', new Error(`${handler} is undefined or not exported`)),
    };
  } catch (error) {
    return { failed: failure(undefined, error) };
  }
}

function contextOf({ requestId, deadlineMs }) {
  return {
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: workerData.functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - engineNow()),
  };
}

async function invoke(code, message) {
  try {
    const result = await code.run(JSON.parse(message.payload), contextOf(message));
    return { payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { error: failure(undefined, error) };
  }
}

// With the answer, not through a pipe of its own that is acknowledged line by line.
for (const stream of ['stdout', 'stderr']) {
  process[stream].write = (text, ...rest) => {
    parentPort.postMessage({ stream, text: String(text) }, []);
    rest.findLast((each) => typeof each === 'function')?.();
    return true;
  };
}

const loading = load(workerData.folder, workerData.handler);
async function answer(message) {
  const code = await loading;
  parentPort.postMessage(code.failed ? { error: code.failed } : await invoke(code, message), []);
}

parentPort.on('message', (message) => void answer(message));
