import { createServer, type Socket } from 'node:net';
import type { Endpoint } from '../../../protocol/cluster/endpoint.ts';
import { serve } from '../../support/loopback.ts';

/** Starts a TCP server on loopback that answers the first bytes of each connection. */
export function rawServer(answer: (socket: Socket) => void): Promise<Endpoint> {
  return serve(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    }),
  );
}
