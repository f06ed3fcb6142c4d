import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import clientTitles from './clients.json' with { type: 'json' };

export type ClientName = keyof typeof clientTitles;
export const CLIENTS = Object.keys(clientTitles) as ClientName[];

/** What the caller of a client sees of one call. `refused` is the refusal of the cluster. */
const OUTCOMES = ['ok', 'refused', 'unavailable', 'other'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The credential of a version: `user:password` or an API key, and where it is valid. */
const VERSION = z.union([
  z.string(),
  z.strictObject({ token: z.string(), at: z.literal('other cluster') }),
  /** A secret of the user `orders` as a person writes it, before the first rotation. */
  z.strictObject({ password: z.string() }),
  /** Any text in place of a document. */
  z.strictObject({ text: z.string() }),
]);
export type Version = z.infer<typeof VERSION>;

const TOKENS = z.array(z.string());

/** The tokens that one proxy of a cluster accepts, or how it fails. `delayMs`: it answers late. */
const PROXY_STATE = z.union([
  TOKENS,
  z.strictObject({ accepts: TOKENS, delayMs: z.number() }),
  z.enum(['gateway 401', 'down']),
]);
export type ProxyState = z.infer<typeof PROXY_STATE>;

/** Everything that a step names changes at once. The rest stays. */
const STEP = z
  .strictObject({
    /** The change happens this long after the step, during the calls of the next steps. */
    afterMs: z.number(),
    /** The versions by label. */
    secret: z.record(z.string(), VERSION),
    secretsManager: z.enum(['answers', 'down', 'throttles', 'slow', 'silent', 'denies AWSPENDING']),
    /** The proxies of the cluster. Connections reach them in turn. */
    cluster: z.array(PROXY_STATE),
    otherCluster: z.array(PROXY_STATE),
    /** The application makes this many calls at the same time. */
    call: z.number(),
    /**
     * What each of these calls sees. `waits`: for Secrets Manager, while the steps up to the next
     * calls happen. @default ok
     */
    sees: z.enum([...OUTCOMES, 'waits']),
    /** The clients that see something else. The table in docs/applications.md names them. */
    except: z.partialRecord(z.literal(CLIENTS), z.enum(OUTCOMES)),
  })
  .partial();
export type Step = z.infer<typeof STEP>;

const CASE = z.strictObject({ title: z.string(), steps: z.array(STEP) });
export type ConformanceCase = z.infer<typeof CASE>;

/** All cases, in the order of their file names. No two cases have a password in common. */
export function readCases(): ConformanceCase[] {
  const files = globSync(join(import.meta.dirname, 'cases', '*.json')).sort();
  return files.map((file, index) => {
    const text = readFileSync(file, 'utf8').replaceAll('pass-', `pass-${index}-`);
    return CASE.parse(JSON.parse(text));
  });
}

/** What each call of a step must see through this client. */
export function expectedOf({ sees = 'ok', except = {} }: Step, client: ClientName): Outcome | 'waits' {
  return except[client] ?? sees;
}
