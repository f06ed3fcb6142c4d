import { Enum, Root, Type } from 'protobufjs/light.js';

/** proto-loader describes every definition for server reflection. A client does not read this. */
const description = { $type: { toObject: (): object => ({}) } };

Object.assign(Root.prototype, { toDescriptor: () => ({ file: [] }) });
for (const { prototype } of [Type, Enum]) {
  Object.assign(prototype, { toDescriptor: () => description });
}
