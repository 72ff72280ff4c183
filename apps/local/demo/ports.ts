import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { freePorts } from '../target/free-ports';

const port = z.int().check(z.minimum(1), z.maximum(65_535));
const demoPorts = z.object({ postgres: port, gate: port, workers: z.record(z.string(), port) });
/** Ports of a scene. They are kept with it, because its policies and secrets name them. */
export type DemoPorts = z.infer<typeof demoPorts>;

/** The ports of a kept scene, or free ones for a new scene, one for each worker. */
export async function portsOf(folder: string, workers: readonly string[]): Promise<DemoPorts> {
  const file = join(folder, 'ports.json');
  if (existsSync(file)) return demoPorts.parse(JSON.parse(readFileSync(file, 'utf8')));
  const [postgres = 0, gate = 0, ...rest] = await freePorts(workers.length + 2);
  const ports = {
    postgres,
    gate,
    workers: Object.fromEntries(workers.map((id, index) => [id, rest[index] ?? 0])),
  };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

/** Where a worker listens. @throws Error when the scene was made for other workers */
export function workerPortOf({ workers }: DemoPorts, id: string): number {
  const port = workers[id];
  if (port !== undefined) return port;
  throw new Error(
    `no port is kept for ${id}, only for ${Object.keys(workers).join(', ')}; start without --keep`,
  );
}
