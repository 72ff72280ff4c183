import { answered, failed, type UrlAnswer } from '../api/answer';
import { parseCall, type ApiCall } from '../api/call';
import { log } from './log';
import { safely } from './safely';

/** Performs one request. */
export type Route<D> = (deps: D, call: ApiCall) => Promise<object>;

/**
 * Makes the handler of a function URL. Dependencies are made once per worker. Only a Failure's sentence leaves, and a log
 * line holds no body.
 */
export function serveUrl<D>(
  name: string,
  compose: () => D,
  route: Route<D>,
): (event: unknown) => Promise<UrlAnswer> {
  let deps: D | undefined;
  return async (event) => {
    try {
      const call = parseCall(event);
      deps ??= compose();
      const answer = await route(deps, call);
      log({ level: 'info', stage: name, runId: call.path.slice(0, 2).join('/'), outcome: 'done' });
      return answered(answer);
    } catch (error) {
      const failure = safely(error, name);
      log({ level: 'error', stage: name, runId: '', outcome: failure.name, message: failure.message });
      return failed(failure);
    }
  };
}
