import type { Activity } from './activity';
import type { Clock } from './clock';
import type { Call } from './service';
import type { Faults } from './faults';
import type { Credentials } from './gateway/credentials';
import type { LogSink } from './lambda/log';
import type { Place } from './services/arn';

/** What every part of an engine works with. */
export interface Surroundings {
  readonly dataDir: string;
  readonly place: Place;
  readonly clock: Clock;
  /** Faults to let happen; its hook may be exchanged while the engine runs. */
  readonly faults: Faults;
  readonly activity: Activity;
  readonly credentials: Credentials;
  readonly log: LogSink;
  /** Performs a call as its caller, through the door of every service. @throws ServiceError */
  readonly call: (call: Call) => Promise<unknown>;
  /** Told about failures that have nobody to be answered to. */
  readonly onError: (what: string, error: unknown) => void;
}
