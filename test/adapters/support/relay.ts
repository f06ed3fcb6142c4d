import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { serve } from '../../support/loopback.ts';

export interface Relay {
  /** `http://127.0.0.1:20001`. */
  readonly url: string;
  /**
   * Lets all connections die without a sign, as those of a frozen process do. A later connection
   * goes to this port.
   */
  readonly replace: (port: number) => void;
}

/** Starts a TCP relay to a port of loopback for one test. */
export async function relayTo(port: number): Promise<Relay> {
  let target = port;
  const sockets: Socket[] = [];
  const relay = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    for (const end of [socket, upstream]) {
      end.on('error', () => undefined);
      sockets.push(end);
    }
    socket.pipe(upstream).pipe(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const { url } = await serve(relay);
  return {
    url,
    replace: (newTarget) => {
      target = newTarget;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
  };
}
