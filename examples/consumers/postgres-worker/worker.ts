import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { serveConsumer } from './endpoint';
import { Load } from './load';
import { readCurrent } from './secret';
import { settingsFrom } from './settings';
import { VersionSwitch } from './switch';
import { Tally } from './tally';

/** After this long a stop no longer waits for a server that does not answer. */
const stopLimitMs = 10_000;

/** How a stop works until there is anything to finish. */
function endNow(): void {
  process.exit(0);
}

async function main(): Promise<void> {
  let stop = endNow;
  process.once('SIGTERM', () => stop()).once('SIGINT', () => stop());
  // Comes when a parent started the worker with an IPC channel and is gone: the worker must not outlive it.
  process.once('disconnect', () => stop());

  const settings = settingsFrom(process.env);
  const client = new SecretsManagerClient({});
  const tally = new Tally(() => performance.now());
  const versions = await VersionSwitch.open({
    settings,
    tally,
    read: () => readCurrent(client, settings.secretId),
    now: () => new Date().toISOString(),
    log: (message) => void process.stderr.write(`${message}\n`),
  });
  const server = await serveConsumer(settings, tally, versions);
  const load = new Load(settings, tally, versions);

  let stopping: Promise<void> | undefined;
  stop = () => {
    stopping ??= (async () => {
      setTimeout(() => process.exit(1), stopLimitMs).unref();
      await load.stop();
      await versions.close();
      server.closeAllConnections();
      server.close();
      process.exit(0);
    })();
  };

  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://${settings.host}:${port}` })}\n`);
}

main().catch((error: unknown) => {
  const named = error instanceof Error ? `${error.name}: ${error.message}` : 'failed';
  process.stderr.write(`postgres-worker: ${named}\n`);
  process.exit(1);
});
