import type { ProbePath } from '../core/probe';

/** A request's URL at the address of a path: a host and port, or a URL whose own path stands in front. */
export function urlAt(direct: string, { address }: ProbePath): URL {
  const url = new URL(direct);
  if (address === undefined) return url;
  const edge = new URL(/^https?:\/\//.test(address) ? address : `${url.protocol}//${address}`);
  edge.pathname = `${edge.pathname.replace(/\/+$/, '')}${url.pathname}`;
  return edge;
}
