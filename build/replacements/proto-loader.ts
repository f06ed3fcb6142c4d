/** The exports of the module that build/compiled-protobuf.ts writes, by service and request. */
type CompiledServices = Record<string, Record<string, { request: Encoder; response: Decoder }>>;

interface Encoder {
  fromObject(object: object): object;
  encode(message: object): { finish(): Buffer };
}

interface Decoder {
  decode(bytes: Buffer): object;
  toObject(message: object, options: object): object;
}

/** What grpc-js reads of a method to send its request. */
interface MethodDefinition {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  readonly requestSerialize: (request: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** Makes the services as proto-loader makes them, for a client only. */
export function fromJSON(
  services: CompiledServices,
  options: object,
): Record<string, Record<string, MethodDefinition>> {
  const methodOf = (path: string, request: Encoder, response: Decoder): MethodDefinition => ({
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (object) => request.encode(request.fromObject(object)).finish(),
    responseDeserialize: (bytes) => response.toObject(response.decode(bytes), options),
  });
  return mapValues(services, (methods, service) =>
    mapValues(methods, ({ request, response }, name) => methodOf(`/${service}/${name}`, request, response)),
  );
}

const mapValues = <T, R>(object: Record<string, T>, map: (value: T, key: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
