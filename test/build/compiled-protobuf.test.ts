import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { ServiceDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { compiled, PACKAGE, REQUESTS } from '../../build/compiled-protobuf.ts';
import { fromJSON } from '../../build/replacements/proto-loader.ts';
import { PROJECT } from '../../local/project.ts';

const requireModule = createRequire(import.meta.url);
const SDK = join(PROJECT, 'node_modules/@zilliz/milvus2-sdk-node/dist/milvus');
// The modules of the SDK import each other, so its index comes first.
requireModule(SDK);
const { LOADER_OPTIONS } = requireModule(join(SDK, 'grpc/GrpcClient.js')) as { LOADER_OPTIONS: object };
const { default: definitions } = requireModule(join(SDK, 'proto-json/milvus.js')) as { default: protobuf.INamespace };
const protoLoader = requireModule('@grpc/proto-loader') as {
  fromJSON(definitions: protobuf.INamespace, options: object): Record<string, ServiceDefinition>;
};

const SERVICE = `${PACKAGE}.MilvusService`;
const original = protoLoader.fromJSON(definitions, LOADER_OPTIONS)[SERVICE] as ServiceDefinition;
const service = fromJSON(load(compiled(definitions)), LOADER_OPTIONS)[SERVICE] as ReturnType<typeof fromJSON>[string];

function load(code: string): Parameters<typeof fromJSON>[0] {
  const exports = {} as { default: Parameters<typeof fromJSON>[0] };
  compileFunction(code, ['exports', 'require'])(exports, requireModule);
  return exports.default;
}

const root = protobuf.Root.fromJSON(definitions).resolveAll();

/** A message with a value in each field, and in those of its messages. */
function messageOf({ fieldsArray }: protobuf.Type): Record<string, unknown> {
  return Object.fromEntries(
    fieldsArray.map((field) => {
      const value = sampleOf(field);
      return [field.name, field.map ? { key: value } : field.repeated ? [value, value] : value];
    }),
  );
}

function sampleOf({ type, resolvedType }: protobuf.Field): unknown {
  if (resolvedType instanceof protobuf.Type) {
    return messageOf(resolvedType);
  }
  if (resolvedType instanceof protobuf.Enum) {
    return Object.keys(resolvedType.values).at(-1);
  }
  return type === 'string' ? 'pässword ☂' : type === 'bool' ? true : 12_345;
}

describe.each(REQUESTS)('the compiled request %s', (name) => {
  const { resolvedRequestType, resolvedResponseType } = root.lookupService(SERVICE).methods[name] as protobuf.Method;
  const [expected, actual] = [original[name], service[name]];
  if (expected === undefined || actual === undefined) {
    throw new Error(`There is no request ${name}.`);
  }

  it('has the path of proto-loader, and is encoded as proto-loader encodes it', () => {
    const { path, requestStream, responseStream } = expected;
    expect(actual).toMatchObject({ path, requestStream, responseStream });
    for (const request of [{}, messageOf(resolvedRequestType as protobuf.Type)]) {
      expect(actual.requestSerialize(request)).toEqual(expected.requestSerialize(request));
    }
  });

  it('has an answer that is decoded as proto-loader decodes it', () => {
    for (const answer of [{}, messageOf(resolvedResponseType as protobuf.Type)]) {
      const bytes = expected.responseSerialize(answer);
      expect(actual.responseDeserialize(bytes)).toEqual(expected.responseDeserialize(bytes));
    }
  });
});

describe('definitions do not compile', () => {
  it('without one of the requests', () => {
    expect(() => compiled(definitions, ['RenameUser'])).toThrow('RenameUser');
  });

  it('with an answer that has an integer of 64 bits, which the compiled functions cannot read', () => {
    const changed = protobuf.Root.fromJSON(definitions);
    changed.lookupType('milvus.proto.common.Status').add(new protobuf.Field('serial', 99, 'uint64'));
    expect(() => compiled(changed.toJSON())).toThrow('serial');
  });
});
