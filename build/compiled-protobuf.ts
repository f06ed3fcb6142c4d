import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';
import protobuf from 'protobufjs';

/** The requests that a rotation sends by gRPC. */
const REQUESTS: readonly string[] = ['SelectUser', 'UpdateCredential', 'GetVersion'];

const PACKAGE = 'milvus.proto.milvus';

/** Compiles the definitions of the Milvus SDK that {@link REQUESTS} reach. */
export const compiledProtobuf: Plugin = {
  name: 'compiled-protobuf',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]milvus2-sdk-node[\\/]dist[\\/]milvus[\\/]proto-json[\\/]milvus\.js$/ }, ({ path }) => {
      const { default: definitions } = createRequire(import.meta.url)(path) as { default: protobuf.INamespace };
      return { contents: compiled(definitions) };
    });
    // The SDK converts rows and schemas with these copies of the definitions.
    onLoad({ filter: /[\\/]milvus2-sdk-node[\\/]dist[\\/]milvus[\\/]proto-json[\\/]\w+\.base\.js$/ }, () => ({
      contents: '',
    }));
  },
};

type Generators = Readonly<Record<string, (type: protobuf.Type) => { toString(): string }>>;

const { converter, decoder, encoder, Type } = protobuf;
const OF_REQUESTS: Generators = { ctor: Type.generateConstructor, fromObject: converter.fromObject, encode: encoder };
const OF_ANSWERS: Generators = { ctor: Type.generateConstructor, decode: decoder, toObject: converter.toObject };

/**
 * Writes a CommonJS module that encodes the requests and decodes their answers. Without it,
 * protobufjs would generate the same functions from the definitions, at run time and for each
 * client. build/replacements/proto-loader.ts reads the exports.
 *
 * @throws Error if a request does not exist, or if a message needs more than these functions.
 */
export function compiled(definitions: protobuf.INamespace, requests: readonly string[] = REQUESTS): string {
  const service = protobuf.Root.fromJSON(definitions).resolveAll().lookupService(`${PACKAGE}.MilvusService`);
  const methods = requests.map((request) => {
    const method = service.methods[request];
    if (method === undefined) {
      throw new Error(`The definitions of the Milvus SDK have no request ${request}. Read its changelog.`);
    }
    return method;
  });
  const exported = methods.map(
    ({ name, resolvedRequestType: request, resolvedResponseType: response }) =>
      `${name}: { request: requests[${nameOf(request)}], response: answers[${nameOf(response)}] }`,
  );
  return `
    const { Reader, Writer, util } = require("protobufjs/minimal");
    ${declaration('requests', collectTypes(methods.map(({ resolvedRequestType }) => resolvedRequestType)), OF_REQUESTS)}
    ${declaration('answers', collectTypes(methods.map(({ resolvedResponseType }) => resolvedResponseType)), OF_ANSWERS)}
    exports.__esModule = true;
    exports.default = {
      "${PACKAGE}.MilvusService": { ${exported.join()} },
      // The SDK makes a client of this service, too, but calls it for telemetry only.
      "${PACKAGE}.ClientTelemetryService": {},
    };`;
}

/** The types and the types of their fields. */
function collectTypes(
  candidates: readonly (protobuf.ReflectionObject | null)[],
  types = new Set<protobuf.Type>(),
): Set<protobuf.Type> {
  for (const type of candidates) {
    if (type instanceof Type && !types.has(type)) {
      types.add(type);
      collectTypes(
        type.fieldsArray.map(({ resolvedType }) => resolvedType),
        types,
      );
    }
  }
  return types;
}

/** Declares an object with the generated functions of types. The types refer to each other. */
function declaration(variable: string, types: Set<protobuf.Type>, generators: Generators): string {
  const assignments = [...types].map((type) => {
    requireNoOtherCode(type, generators === OF_ANSWERS);
    const functions = Object.entries(generators).map(([name, generate]) => `${name}: ${generate(type).toString()}`);
    const fieldTypes = type.fieldsArray.map(({ resolvedType }) =>
      resolvedType instanceof protobuf.Enum
        ? `{ values: ${JSON.stringify(resolvedType.valuesById)} }`
        : `${variable}[${nameOf(resolvedType)}]`,
    );
    return `((types) => Object.assign(${variable}[${nameOf(type)}], { ${functions.join()} }))([${fieldTypes.join()}]);`;
  });
  return `const ${variable} = { ${[...types].map((type) => `${nameOf(type)}: {}`).join()} };\n${assignments.join('\n')}`;
}

/**
 * The generated functions would need other code of protobufjs for required fields, for types such
 * as google.protobuf.Any, and for integers of 64 bits. The bundle does not contain that code.
 *
 * @throws Error if the type has such a field, or is such a type.
 */
function requireNoOtherCode({ fullName, fieldsArray }: protobuf.Type, isRead: boolean): void {
  const field = fieldsArray.find(({ required, type }) => required || (isRead && /64$/.test(type)));
  if (field !== undefined || fullName.startsWith('.google.')) {
    throw new Error(
      `${fullName} ${field?.name ?? ''} cannot be compiled. Add what it needs to build/compiled-protobuf.ts, or keep proto-loader in the bundle.`,
    );
  }
}

const nameOf = (type: protobuf.ReflectionObject | null): string => JSON.stringify(type?.fullName ?? null);
