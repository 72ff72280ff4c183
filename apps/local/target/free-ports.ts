import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections by themselves (Linux from 32768, others from 49152), so that
 * none of those takes a port between now and its use.
 */
const RANGE = { from: 15_000, below: 32_768 } as const;
const ATTEMPTS = 50;

/** Ports of loopback that nobody listens on; all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    // One after the other, each held until all are found.
    while (servers.length < count) servers.push(await listening());
    return servers.map(portOf);
  } finally {
    await Promise.all(servers.map(closed));
  }
}

async function listening(): Promise<Server> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const server = createServer().listen(randomInt(RANGE.from, RANGE.below), '127.0.0.1');
    const found = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (found) return server;
  }
  throw new Error(`none of ${ATTEMPTS} ports from ${RANGE.from} to ${RANGE.below - 1} on 127.0.0.1 was free`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
