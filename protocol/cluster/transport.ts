/** How a cluster is reached: `grpc`, or `rest` for REST v2, which Milvus has since 2.3.13. */
export type Transport = 'grpc' | 'rest';

export const TRANSPORTS: readonly ['grpc', 'rest'] = ['grpc', 'rest'];

export function isTransport(name: string): name is Transport {
  return (TRANSPORTS as readonly string[]).includes(name);
}
