import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import type { Emulator } from './emulator';
import { amended } from './amend';

const execute = promisify(execFile);
const root = path.join(__dirname, '..', '..');
const cli = path.join(root, 'node_modules', '.bin', 'cdk');
const outputs = z.record(z.string(), z.record(z.string(), z.string()));

/** Outputs of each stack, by its name. */
export type Outputs = z.infer<typeof outputs>;

/** Settings that keep the CDK command line, and everything it starts, to this machine and off the user's own files. */
export function surroundings(folder: string, cloud?: Emulator): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(cloud === undefined
      ? {}
      : {
          AWS_ENDPOINT_URL: cloud.endpoint,
          AWS_REGION: cloud.region,
          AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
          NODE_EXTRA_CA_CERTS: cloud.certificate,
        }),
  };
}

/** Synthesises the app, as it is, over a folder of policies. @returns the folder of the cloud assembly */
export async function synthesised(policies: string, folder: string): Promise<string> {
  const assembly = path.join(folder, 'cdk.out');
  const args = [
    'synth',
    '--quiet',
    '--no-notices',
    '--context',
    `policies=${policies}`,
    '--output',
    assembly,
  ];
  await cdk(args, root, surroundings(folder));
  return assembly;
}

/** Prepares the account and Region for CDK deployments. Away from the checkout, so that the app is not synthesised. */
export async function bootstrapped(cloud: Emulator, folder: string): Promise<void> {
  const empty = path.join(folder, 'bootstrap');
  await mkdir(empty, { recursive: true });
  const args = ['bootstrap', `aws://${cloud.account}/${cloud.region}`, '--no-notices'];
  await cdk(args, empty, surroundings(folder, cloud));
}

/** Deploys both stacks of an assembly, without what the emulator is known to lack. */
export async function deployed(assembly: string, cloud: Emulator, folder: string): Promise<Outputs> {
  await amended(assembly);
  const file = path.join(folder, 'outputs.json');
  await writeFile(file, '{}');
  const args = ['deploy', '--all', '--require-approval', 'never', '--no-notices', '--app', assembly];
  await cdk([...args, '--outputs-file', file], folder, surroundings(folder, cloud));
  return outputs.parse(JSON.parse(await readFile(file, 'utf8')));
}

async function cdk(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  await execute(cli, [...args], { cwd, env, maxBuffer: 64 * 1024 * 1024 }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = z
      .object({ stdout: z.optional(z.string()), stderr: z.optional(z.string()) })
      .parse(error);
    throw new Error(`cdk ${args[0]} failed:\n${(stdout + stderr).slice(-4_000)}`, { cause: error });
  });
}
