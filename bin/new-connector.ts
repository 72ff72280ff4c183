import path from 'node:path';
import { newConnector } from '../kit/scaffold';

process.exitCode = newConnector(path.join(__dirname, '..'), process.argv.slice(2), (text) =>
  console.log(text),
);
