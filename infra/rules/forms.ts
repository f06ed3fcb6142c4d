/** What a string must look like. The file's schema and the props of the constructs are both held to these. */
export interface Form {
  readonly pattern: RegExp;
  /** What is allowed and what to do, as a sentence. */
  readonly allowed: string;
}

/** What a whole number must be, both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly allowed: string;
}

export const HOST: Form = {
  pattern: /^(\.?([\w-]+\.)*[\w-]+|[0-9a-fA-F:]+)$/,
  allowed: 'Write a host (milvus.example.com) or a domain with a leading dot (.example.com), without scheme or port.',
};

export const NO_HOST =
  'An empty list allows no cluster at all. Name a host, or leave it out for the domains of Zilliz Cloud.';

export const USERNAME: Form = {
  pattern: /^[A-Za-z]\w{0,31}$/,
  allowed: 'A cluster user begins with a letter and holds letters, digits and _, 32 at the most.',
};

export const SECRET_NAME: Form = {
  pattern: /^[\w/+=.@-]{1,512}$/,
  allowed: 'A name of a secret holds letters, digits and /_+=.@- and is at most 512 characters long.',
};

/** Beside {@link SECRET_NAME}. */
export const NEW_SECRET_NAME: Form = {
  pattern: /^(?!.*-[A-Za-z0-9]{6}$)/,
  allowed:
    'A new name must not end in a hyphen and six characters: Secrets Manager ends ARNs so, and would confuse them.',
};

export const FOLDER: Form = {
  pattern: /^[\w/+=.@-]+\/$/,
  allowed: 'Write a folder: a beginning of names that ends in a slash, such as milvus/.',
};

export const ACCOUNT: Form = { pattern: /^\d{12}$/, allowed: 'Write the 12 digits of an account.' };

export const TAG_KEY: Form = {
  pattern: /^(?![aA][wW][sS]:).{1,128}$/,
  allowed: 'A key of a tag has 1 to 128 characters and does not begin with aws:, which are those of AWS.',
};

export const TIMEOUT_SECONDS: Range = {
  low: 30,
  high: 900,
  allowed: 'Write seconds, 30 to 900. Less is too short to change a password and prove it.',
};

export const MEMORY_MB: Range = {
  low: 192,
  high: 10_240,
  allowed: 'Write MB, 192 to 10240. With less, the function would die in the middle of a change.',
};

export const CONCURRENCY: Range = {
  low: 0,
  high: 100_000,
  allowed: 'Write how many rotations may run at once, in whole numbers; 0 stops them all.',
};

export const SERVICE_NAME: Form = {
  pattern: /^com\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-[0-9a-f]+$/,
  allowed:
    'Write what the console of Zilliz Cloud shows under "Private Endpoint": com.amazonaws.vpce.REGION.vpce-svc-0123456789abcdef0.',
};

export const NO_ENDPOINT = 'At least one endpoint is needed: its host becomes known inside the VPC.';
