import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import { DocumentError, ENDPOINT_TAG, parseDocument } from '../../protocol/secret/document.ts';
import { targetFor } from '../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { readDeployedFunction } from '../aws/deployed-function.ts';
import { mapConcurrently, READS_AT_A_TIME } from '../aws/map-concurrently.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { joinSelections, NOTHING_SELECTED, type Selection } from './selection.ts';

/**
 * Leaves only the secrets of one cluster.
 *
 * @param areNamed whether a secret of another cluster counts as skipped, because somebody named it
 * @throws UsageError
 */
export async function selectAt(endpoint: string, all: Selection, areNamed: boolean): Promise<Selection> {
  const wanted = endpointUrl(endpoint);
  if (wanted === undefined) {
    throw new UsageError('--endpoint is not an address.', 'Give https://host[:port].');
  }
  const selections = await mapConcurrently(all.selected, READS_AT_A_TIME, async (candidate): Promise<Selection> => {
    const { secretId, secret, aws } = candidate;
    const reason = secret && (await reasonNotAt(wanted, secret, aws));
    if (reason === undefined) {
      return { ...NOTHING_SELECTED, selected: [candidate] };
    }
    if (reason !== 'other') {
      return { ...NOTHING_SELECTED, skipped: [{ secretId, code: 'unknown-cluster', reason }] };
    }
    const other = `It belongs to another cluster than ${wanted}.`;
    return {
      ...NOTHING_SELECTED,
      skipped: areNamed ? [{ secretId, code: 'unmet-condition', reason: other }] : [],
    };
  });
  const { selected, skipped } = joinSelections(selections);
  return { ...all, selected, skipped: [...all.skipped, ...skipped] };
}

/**
 * Why a secret is not known to belong to a cluster. The tag of the secret says where it belongs,
 * else the configuration of its function (its pins), else its value.
 *
 * @param wanted as `endpointUrl` returns it
 * @returns `undefined` if the secret belongs to the cluster, `other` if it belongs to another one,
 *   and a sentence if its cluster is not known
 */
async function reasonNotAt(wanted: string, secret: RotatingSecret, aws: Aws): Promise<string | 'other' | undefined> {
  let endpoint: string | undefined;
  try {
    endpoint =
      secret.tags[ENDPOINT_TAG] ?? (await readPinnedEndpoint(secret, aws)) ?? (await readStoredEndpoint(secret, aws));
  } catch (error) {
    if (error instanceof SecretStoreError || error instanceof DocumentError) {
      return `It is not known which cluster it belongs to. ${error.message}`;
    }
    throw error;
  }
  if (endpoint === undefined) {
    return `It is not known which cluster it belongs to. Neither its value nor a tag ${ENDPOINT_TAG} names an endpoint.`;
  }
  const url = endpointUrl(endpoint);
  return url === wanted ? undefined : url === undefined ? 'Its endpoint is not an address.' : 'other';
}

async function readPinnedEndpoint(secret: RotatingSecret, aws: Aws): Promise<string | undefined> {
  const { rotationFunctionArn: functionArn } = secret;
  const deployed = functionArn === undefined ? '' : await readDeployedFunction(functionArn, aws, secret.name);
  return typeof deployed === 'string' ? undefined : targetFor(secret, deployed.targets, deployed.place).endpoint;
}

/** @throws SecretStoreError, DocumentError */
async function readStoredEndpoint(secret: RotatingSecret, aws: Aws): Promise<string | undefined> {
  const versionId = holderOf(secret, AWSCURRENT);
  const text = versionId === undefined ? undefined : await aws.store(secret.arn).read(versionId);
  return text === undefined ? undefined : parseDocument(text).endpoint;
}
