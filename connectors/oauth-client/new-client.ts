import { clientIn } from './probe';
import { deleteClient, listClients, register, whoseClient } from './registration';
import type { Way } from './way';

/** A new client beside the old one, and the old one deleted. */
export const newClient: Way = {
  remoteIdOf: (material) => clientIn(material)?.id,
  list: listClients,
  async make(subject, target, _current, call) {
    const client = await register(subject, target, call);
    return { remoteId: client.id, client, fields: {} };
  },
  whose: whoseClient,
  remove: deleteClient,
};
