import { deleteClient, listClients, register, whoseClient } from './registration';
import { clientIn } from './token';
import type { Sight, Way } from './way';

/** Clients, as they are seen. */
export const clients: Sight = {
  remoteIdOf: (material) => clientIn(material)?.id,
  list: listClients,
};

/** A new client beside the old one, and the old one deleted. */
export const newClient: Way = {
  async make(subject, target, _current, call) {
    const client = await register(subject, target, call);
    return { remoteId: client.id, client, fields: {} };
  },
  whose: whoseClient,
  remove: deleteClient,
};
