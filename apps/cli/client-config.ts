import type { Connection } from './connection';

/** Config of any SDK client of a deployment. */
export function configOf({ endpoint, region, credentials }: Connection['client']) {
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials: sdkKeys(credentials) }),
  };
}

function sdkKeys({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: NonNullable<Connection['client']['credentials']>) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
