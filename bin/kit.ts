import path from 'node:path';
import { main } from '../kit/main';

async function run(): Promise<void> {
  const root = path.join(__dirname, '..');
  process.exitCode = await main(root, process.argv.slice(2), (text) => console.log(text));
}

void run();
