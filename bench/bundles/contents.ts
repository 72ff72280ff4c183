import type { Deployed } from './deployed';

/** Where the bytes of a bundle come from: packages, and folders of our own code, most first. */
export function contentsOf({ name, inputs }: Pick<Deployed, 'name' | 'inputs'>): readonly string[] {
  const sums = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const source = sourceOf(file);
    sums.set(source, (sums.get(source) ?? 0) + bytesInOutput);
  }
  const lines = [...sums]
    .filter(([, bytes]) => bytes >= 512)
    .toSorted(([, a], [, b]) => b - a)
    .map(([source, bytes]) => `${(bytes / 1_024).toFixed(1).padStart(8)} KB  ${source}`);
  return [name, ...lines];
}

function sourceOf(file: string): string {
  const [, inPackage] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file) ?? [];
  return inPackage ?? file.split('/').slice(0, -1).join('/');
}
