import path from 'node:path';
import { generate } from '../lib/generate/generate';

async function main(root: string, mode: 'write' | 'check'): Promise<void> {
  const stale = await generate(root, mode);
  for (const { file, state } of stale) console.error(`${mode === 'check' ? state : 'written'}: ${file}`);
  if (mode === 'check' && stale.length > 0) {
    console.error('Generated files are not up to date. Nothing was changed. Run: npm run generate');
    process.exitCode = 1;
  }
}

void main(path.join(__dirname, '..'), process.argv.includes('--check') ? 'check' : 'write');
