import { readFileSync } from 'node:fs';
import path from 'node:path';
import { emulatorDifferences } from '../../lib/generate/emulated-cloud';

const root = path.join(__dirname, '..', '..');

describe('the list of what the emulated cloud lacks', () => {
  it('names every correction that the emulator is started with, and no other', () => {
    const source = readFileSync(path.join(root, 'test', 'cloud', 'mend.py'), 'utf8');
    const made = [...source.matchAll(/^def (\w+)\(/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'wrap');
    const listed = emulatorDifferences(root).flatMap(({ so }) => ('correct' in so ? [so.correct] : []));
    expect(new Set(listed)).toEqual(new Set(made));
    expect(listed).toHaveLength(made.length);
    for (const name of made) expect(source.split(name ?? '').length).toBeGreaterThan(2);
  });

  it('says for each what AWS does, and where that is documented', () => {
    for (const { aws } of emulatorDifferences(root))
      expect(aws).toMatch(/https:\/\/docs\.aws\.amazon\.com\//);
  });
});
