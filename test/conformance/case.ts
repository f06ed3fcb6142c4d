import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CLIENTS = ['node', 'python', 'java', 'go', 'curl'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** What the caller of a client sees of one call. `refused` is the refusal of the cluster. */
export type Outcome = 'ok' | 'refused' | 'unavailable' | 'other';

/** The call waits for Secrets Manager while the steps up to the next calls happen. */
export type Waiting = 'waits';

/** The credential of a version: `user:password` or an API key, and where it is valid. */
export type Version =
  | string
  | { readonly token: string; readonly at: 'other cluster' }
  /** A secret of the user `orders` as a person writes it, before the first rotation. */
  | { readonly password: string }
  /** Any text in place of a document. */
  | { readonly text: string };

/** The tokens that one proxy of a cluster accepts, or how it fails. `delayMs`: it answers late. */
export type ProxyState =
  | readonly string[]
  | { readonly accepts: readonly string[]; readonly delayMs: number }
  | 'gateway 401'
  | 'down';

/** Everything that a step names changes at once. The rest stays. */
export interface Step {
  /** The change happens this long after the step, during the calls of the next steps. */
  readonly afterMs?: number;
  /** The versions by label. */
  readonly secret?: Readonly<Record<string, Version>>;
  readonly secretsManager?: 'answers' | 'down' | 'throttles' | 'slow' | 'silent' | 'denies AWSPENDING';
  /** The proxies of the cluster. Connections reach them in turn. */
  readonly cluster?: readonly ProxyState[];
  readonly otherCluster?: readonly ProxyState[];
  /** The application makes this many calls at the same time. */
  readonly call?: number;
  /** What each of these calls sees. @default ok */
  readonly sees?: Outcome | Waiting;
  /** The clients that see something else. The table in docs/applications.md names them. */
  readonly except?: Readonly<Partial<Record<ClientName, Outcome>>>;
}

/** A step with another key would prove less than it says. */
const KEYS: Readonly<Record<keyof Step, true>> = {
  afterMs: true,
  secret: true,
  secretsManager: true,
  cluster: true,
  otherCluster: true,
  call: true,
  sees: true,
  except: true,
};

export interface ConformanceCase {
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * All cases, in the order of their file names. No two cases have a password in common.
 *
 * @throws Error if a step has an unknown key.
 */
export function readCases(): ConformanceCase[] {
  const files = globSync(join(import.meta.dirname, 'cases', '*.json')).sort();
  return files.map((file, index) => {
    const text = readFileSync(file, 'utf8').replaceAll('pass-', `pass-${index}-`);
    const read = JSON.parse(text) as ConformanceCase;
    const unknown = read.steps.flatMap((step) => Object.keys(step)).filter((key) => !(key in KEYS));
    if (unknown.length > 0) {
      throw new Error(
        `${file} has a step with ${unknown.join(', ')}. A step may have ${Object.keys(KEYS).join(', ')}.`,
      );
    }
    return read;
  });
}

/** What each call of a step must see through this client. */
export function expectedOf({ sees = 'ok', except = {} }: Step, client: ClientName): Outcome | Waiting {
  return except[client] ?? sees;
}
