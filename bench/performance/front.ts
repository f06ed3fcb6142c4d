import type { Server } from 'node:net';
import { httpFront } from '../../local/servers/http-front.ts';
import { milvusFront } from '../../local/servers/milvus-front.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';

/** A request that a server has answered. */
export interface Answered {
  /** The action of AWS, the method of gRPC, or the last part of the path of REST. */
  readonly name: string;
  /** Whether the request moved AWSCURRENT. */
  readonly promotes: boolean;
  /** When the answer was complete, on the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * Stands in front of a server, forwards each request to it, and counts requests and connections.
 * Every measured function gets the same front, so the delay of the front is the same for all.
 */
export interface Front {
  readonly url: string;
  readonly answered: readonly Answered[];
  readonly connections: number;
  /** Forgets the requests and the connections up to now. */
  forget(): void;
  close(): void;
}

/** @param target speaks HTTP/1.1, or gRPC without TLS. */
export async function startFront(target: string, protocol: 'http' | 'grpc'): Promise<Front> {
  const counted = { answered: [] as Answered[], connections: 0 };
  const count = (name: string, body = ''): void => {
    const promotes = name === 'UpdateSecretVersionStage' && body.includes('"AWSCURRENT"');
    counted.answered.push({ name, promotes, at: performance.now() });
  };
  const server: Server =
    protocol === 'http'
      ? httpFront(target, async (call) => {
          const answer = await call.forward();
          count(call.name, call.body);
          return answer;
        })
      : milvusFront({ endpoint: target }, async (call) => {
          const answer = await call.forward();
          count(call.name);
          return answer;
        });
  server.on('connection', () => counted.connections++);
  const { url, stop } = await listenOnLoopback(server);
  const forget = (): void => void Object.assign(counted, { answered: [], connections: 0 });
  return Object.assign(counted, { url, forget, close: () => void stop() });
}
