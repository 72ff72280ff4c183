import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be shut: connections through it end, and new ones are refused. */
export interface Gate {
  readonly port: number;
  isShut(): boolean;
  shut(): Promise<void>;
  /** Opens again on the same port. */
  open(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a gate on loopback in front of a port. */
export async function openGate(
  target: { readonly host: string; readonly port: number },
  port: number,
): Promise<Gate> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('error', () => socket.destroy());
      socket.pipe(other);
    }
  });
  const open = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const shut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  return { port, isShut: () => !server.listening, open, shut, stop: shut };
}
