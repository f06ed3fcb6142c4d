/** The requests that a rotation sends by gRPC. */
export const REQUESTS: readonly string[] = ['SelectUser', 'UpdateCredential'];

export const PACKAGE = 'milvus.proto.milvus';

/** A definition in the JSON of protobufjs: a namespace, message, enumeration or service. */
export interface Definition {
  nested?: Record<string, Definition>;
  methods?: Record<string, Method>;
  fields?: Record<string, { type: string }>;
}

interface Method {
  requestType: string;
  responseType: string;
}

/**
 * The definitions that the requests reach. A message, enumeration or service keeps everything but
 * its other nested definitions. Extensions do not stay, because no message of these requests has
 * one.
 *
 * @throws Error if a request or a type does not exist.
 */
export function reduced(definitions: Definition, requests: readonly string[] = REQUESTS): Definition {
  const service = definitionAt(definitions, [...PACKAGE.split('.'), 'MilvusService']);
  const methods = Object.fromEntries(
    requests.map((request) => {
      const method = service?.methods?.[request];
      if (method === undefined) {
        throw new Error(`The definitions of the Milvus SDK have no request ${request}. Read its changelog.`);
      }
      return [request, method];
    }),
  );
  const types = new Set<string>();
  for (const { requestType, responseType } of Object.values(methods)) {
    collectTypes(definitions, requestType, PACKAGE, types);
    collectTypes(definitions, responseType, PACKAGE, types);
  }
  const result: Definition = {};
  for (const type of types) {
    place(result, type, definitionAt(definitions, type.split('.')));
  }
  place(result, `${PACKAGE}.MilvusService`, { methods });
  return result;
}

const SCALAR = /^(double|float|bool|string|bytes|s?fixed(32|64)|[us]?int(32|64))$/;

/** Adds the full name of a type, and of every type of its fields, to the set. */
function collectTypes(definitions: Definition, type: string, scope: string, types: Set<string>): void {
  const name = fullName(definitions, type, scope);
  if (types.has(name)) {
    return;
  }
  types.add(name);
  for (const field of Object.values(definitionAt(definitions, name.split('.'))?.fields ?? {})) {
    if (!SCALAR.test(field.type)) {
      collectTypes(definitions, field.type, name, types);
    }
  }
}

/** Protobuf looks for a name in the innermost scope first. */
function fullName(definitions: Definition, type: string, scope: string): string {
  const name = scope === '' ? type : `${scope}.${type}`;
  if (definitionAt(definitions, name.split('.')) !== undefined) {
    return name;
  }
  if (scope === '') {
    throw new Error(`The definitions of the Milvus SDK have no type ${type}. Read its changelog.`);
  }
  return fullName(definitions, type, scope.split('.').slice(0, -1).join('.'));
}

function definitionAt(definitions: Definition, path: readonly string[]): Definition | undefined {
  return path.reduce<Definition | undefined>((at, name) => at?.nested?.[name], definitions);
}

function place(result: Definition, name: string, { nested: _, ...definition }: Definition = {}): void {
  let at = result;
  for (const part of name.split('.')) {
    at.nested ??= {};
    at = at.nested[part] ??= {};
  }
  Object.assign(at, definition);
}
