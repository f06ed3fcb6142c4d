/** The required fields of a request, by the name of its struct in Milvus's source. */
const REQUIRED = {
  UserReq: ['userName'],
  NewPasswordReq: ['userName', 'password', 'newPassword'],
} as const;

export type RequestStruct = keyof typeof REQUIRED;

type Fields<Struct extends RequestStruct> = Readonly<Record<(typeof REQUIRED)[Struct][number], string>>;

/** A refusal of Milvus, which answers it with HTTP 200. */
export class RestRefusal extends Error {
  override readonly name = 'RestRefusal' as const;
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads the fields of a request. Upper and lower case are the same, and other keys are ignored.
 *
 * @throws RestRefusal with code 1801 if the body is not JSON of the right types, 1802 if a field
 * is absent or empty
 */
export function readBody<Struct extends RequestStruct>(body: string, struct: Struct): Fields<Struct> {
  const given = new Map(Object.entries(parse(body, struct)).map(([key, value]) => [key.toLowerCase(), value]));
  const fields = REQUIRED[struct].map((field) => {
    const value = given.get(field.toLowerCase()) ?? '';
    if (typeof value !== 'string') {
      throw notJson(
        `error: json: cannot unmarshal ${typeof value} into Go struct field ${struct}.${field} of type string`,
      );
    }
    return [field, value] as const;
  });
  const missing = fields.filter(([, value]) => value === '').map(([field]) => missingText(struct, field));
  if (missing.length > 0) {
    throw new RestRefusal(1802, `missing required parameters, error: ${missing.join('\n')}`);
  }
  return Object.fromEntries(fields) as Fields<Struct>;
}

function parse(body: string, struct: RequestStruct): Readonly<Record<string, unknown>> {
  if (body === '') {
    throw notJson('the request body should be nil, however {} is valid');
  }
  let value: unknown;
  try {
    value = JSON.parse(body) ?? {};
  } catch {
    // The text of Go's parser is longer.
    throw notJson('error: invalid character');
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw notJson(`error: json: cannot unmarshal ${typeof value} into Go value of type httpserver.${struct}`);
  }
  return value as Record<string, unknown>;
}

function notJson(reason: string): RestRefusal {
  return new RestRefusal(1801, `can only accept json format request, ${reason}`);
}

function missingText(struct: RequestStruct, field: string): string {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  return `Key: '${struct}.${name}' Error:Field validation for '${name}' failed on the 'required' tag`;
}
