/** How the cluster is reached: `grpc`, or REST v2 over HTTP (`rest`). */
export type Transport = 'grpc' | 'rest';

export const TRANSPORTS: readonly Transport[] = ['grpc', 'rest'];

export function isTransport(name: string): name is Transport {
  return (TRANSPORTS as readonly string[]).includes(name);
}
