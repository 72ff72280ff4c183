import type { Fixture } from '../../../kit/fixture';
import { connector } from '..';
import { unwritten } from '../unwritten';

/** The kind against a server of its own, which `start` starts on 127.0.0.1. */
export const fixture: Fixture = {
  connector,
  start: async () => Promise.reject(unwritten('the fixture')),
};
