import type { Assumption } from './assumption.ts';
import { FAILED_ROTATION } from './failed-rotation.ts';
import { FAILURE_ENDED } from './failure-ended.ts';
import { KEYS } from './keys.ts';
import { LAST } from './last.ts';
import { LOGINS } from './logins.ts';
import { PASSWORDS } from './passwords.ts';
import { COMPLETE_ROTATION } from './rotation.ts';
import { UNCHECKED } from './unchecked.ts';
import { VERSIONS } from './versions.ts';

/**
 * The register of assumptions, each with its check, in the order of the checks. A comment
 * `ASSUMPTION id` marks each place of the code that relies on the behaviour, or imitates it.
 */
export const ASSUMPTIONS: ReadonlyArray<readonly [id: string, Assumption]> = [
  LOGINS,
  PASSWORDS,
  KEYS,
  VERSIONS,
  COMPLETE_ROTATION,
  FAILED_ROTATION,
  FAILURE_ENDED,
  LAST,
  UNCHECKED,
].flatMap((table) => Object.entries(table));

/** The services, by the first word of the ids. */
const SERVICES: Readonly<Record<string, string>> = {
  sm: 'Secrets Manager',
  aws: 'AWS, as only the emulator imitates it',
  milvus: 'Milvus',
  zilliz: 'Zilliz Cloud',
  keys: 'The control plane of API keys',
};

/** The section of docs/assumptions.md that has an id. */
export function serviceOf(id: string): string {
  return SERVICES[id.split('-')[0] ?? ''] ?? '';
}
