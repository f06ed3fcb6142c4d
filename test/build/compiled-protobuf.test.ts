import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { compiled } from '../../build/compiled-protobuf.ts';
import { PROJECT } from '../../local/project.ts';

// test/adapters/bundled-cluster.server.test.ts proves the compiled requests on a real Milvus.

const { default: definitions } = createRequire(import.meta.url)(
  join(PROJECT, 'node_modules/@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.js'),
) as { default: protobuf.INamespace };

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
