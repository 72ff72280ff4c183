import * as z from 'zod/mini';
import { laterQuery, runFilter, runQuery } from '../../core/query/answers';
import { takeCensus } from '../../core/query/census';
import { checkedRuns, runRows } from '../../core/query/checked-runs';
import { lapsed } from '../../core/query/lapsed';
import { laterCensus } from '../../core/query/later-census';
import type { QueryPorts } from '../../core/query/ports';
import { notServed, parseBody, type ApiCall } from './call';

/** What the function behind the query URL asks for; nothing in it writes. */
export interface QueryDeps extends QueryPorts {
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const nothing = z.strictObject({});
const served = ['POST /runs', 'POST /evidence', 'POST /census', 'POST /later', 'POST /lapsed'];

/**
 * What readers may call. A question is the body of a POST, as DynamoDB's own Query takes it, so that no name of an
 * identity or a person stands in an address that proxies keep.
 */
export async function query(deps: QueryDeps, call: ApiCall): Promise<object> {
  const [question, ...rest] = call.path;
  if (rest.length > 0 || call.method !== 'POST') throw notServed(call, served);
  switch (question) {
    case 'runs':
      return runRows(deps, parseBody(runQuery, call));
    case 'evidence':
      return checkedRuns(deps, parseBody(runQuery, call));
    case 'census':
      return takeCensus(deps, parseBody(runFilter, call));
    case 'later': {
      const { from, ...filter } = parseBody(laterQuery, call);
      return laterCensus(deps, filter, from);
    }
    case 'lapsed':
      parseBody(nothing, call);
      return lapsed(deps, new Date(deps.now()).toISOString());
    default:
      throw notServed(call, served);
  }
}
