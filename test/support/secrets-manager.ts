import { createServer } from 'node:http';
import { listenOnLoopback } from './loopback';

/** Answers GetSecretValue for one secret's current version and nothing else. For tests of code that only reads. */
export interface SecretsStandIn {
  readonly endpoint: string;
  reads(): number;
  setCurrent(versionId: string, fields: Readonly<Record<string, string | number>>): void;
  stop(): void;
}

/** Starts the stand-in on 127.0.0.1. */
export async function startSecretsStandIn(): Promise<SecretsStandIn> {
  let current: { VersionId: string; SecretString: string } | undefined;
  let reads = 0;
  const server = createServer((request, response) => {
    const asked = String(request.headers['x-amz-target']);
    const found = asked === 'secretsmanager.GetSecretValue' ? current : undefined;
    const error = { __type: 'ResourceNotFoundException', message: `no answer to ${asked}` };
    reads += 1;
    request.resume().once('end', () => {
      response.writeHead(found ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(found ?? error));
    });
  });
  const port = await listenOnLoopback(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    reads: () => reads,
    setCurrent(versionId, fields) {
      current = { VersionId: versionId, SecretString: JSON.stringify(fields) };
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
