// npm run local:up: starts the local cloud in the background.
import { relative } from 'node:path';
import { bringUp } from './cloud/background.ts';
import { environmentFileOf, removeAbandonedStates } from './cloud/state.ts';
import { CLOUD_STATE, LOCAL } from './project.ts';

const start = performance.now();
await removeAbandonedStates(LOCAL);
const { kind, access } = await bringUp(CLOUD_STATE);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
const headline = {
  started: `The local cloud is up after ${seconds} s.`,
  'already-up': 'The local cloud is already up.',
}[kind];
console.log(`${headline}

  AWS emulator            ${access.awsUrl}
  Milvus 2.3.5 with TLS   ${access.milvus.tls.endpoint}   (certificate authority: ${relative('.', access.caFile)})
  Milvus 2.3.5            ${access.milvus.plaintext.endpoint}
  REST v2 with TLS        ${access.milvus.tls.restEndpoint}   (the same users and certificate authority)
  REST v2                 ${access.milvus.plaintext.restEndpoint}
  Milvus with API keys    ${access.apiKeys.endpoint}   (the data of the Milvus without TLS)
  Control plane of keys   ${access.apiKeys.controlPlaneUrl}

Next:
  . ${relative('.', environmentFileOf(CLOUD_STATE))}    sets variables in this shell, so that AWS tools and the CDK use the local cloud
  docs/local-development.md#deploy-and-rotate-in-it    has the first commands
  npm run local:down    stops the local cloud and deletes its data`);
