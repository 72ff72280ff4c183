import * as z from 'zod/mini';
import { signedFetch } from '../support/signed-fetch';
import type { DeployedApp } from './deployed-app';

export type Who = 'Requester' | 'Approver';

/** What a URL answered. */
export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Keys = DeployedApp['client']['credentials'] & { readonly sessionToken: string };

/** Takes one of the deployed roles by AssumeRole. The session's name is what the app knows a person by. */
export async function session(app: DeployedApp, who: Who, name: string): Promise<Keys> {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: app.output(`${who}Role`),
    RoleSessionName: name,
  });
  const response = await signedFetch(app.client, {
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const text = await response.text();
  const field = (tag: string): string => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(text)?.[1] ?? '';
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  };
}

/** A signed request to one of the deployed URLs. The emulator serves the host `<id>.lambda-url.…` by this path. */
export async function call(
  app: DeployedApp,
  url: 'RequestsUrl' | 'DecisionsUrl',
  credentials: Keys,
  request: { readonly method?: string; readonly path: string; readonly body?: object },
): Promise<Answered> {
  const [id = ''] = new URL(app.output(url)).hostname.split('.');
  const response = await signedFetch(
    { ...app.client, credentials },
    {
      service: 'lambda',
      method: request.method ?? 'POST',
      path: `/_aws/lambda-url/${id}/${request.path}`,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    },
  );
  const text = await response.text();
  const body = z.record(z.string(), z.unknown()).safeParse(parsed(text));
  return { status: response.status, body: body.success ? body.data : { text } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
