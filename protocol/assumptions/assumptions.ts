import type { Assumption } from './assumption.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { IMITATED_AWS } from './imitated-aws.ts';
import { MILVUS } from './milvus.ts';
import { SECRETS_MANAGER } from './secrets-manager.ts';
import { ZILLIZ_CLOUD } from './zilliz-cloud.ts';

/**
 * The register of assumptions, by service and id. A comment `ASSUMPTION id` marks each place of the
 * code that relies on the behaviour, or imitates it.
 */
export const ASSUMPTIONS: Readonly<Record<string, Readonly<Record<string, Assumption>>>> = {
  'Secrets Manager': SECRETS_MANAGER,
  'AWS, as only the emulator imitates it': IMITATED_AWS,
  Milvus: MILVUS,
  'Zilliz Cloud': ZILLIZ_CLOUD,
  'The control plane of API keys': CONTROL_PLANE,
};
