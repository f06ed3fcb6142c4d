// npm run local:up
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
  restarted: 'The local cloud had lost a server. It was started anew, and is empty.',
  'already-up': 'The local cloud is up already. Nothing was changed.',
}[kind];
console.log(`${headline}

  AWS emulator            ${access.awsUrl}
  Milvus 2.3.5 with TLS   ${access.milvus.tls.endpoint}   (its certificate authority: ${relative('.', access.caFile)})
  Milvus 2.3.5            ${access.milvus.plaintext.endpoint}

  . ${relative('.', environmentFileOf(CLOUD_STATE))}   tells this shell: AWS tools and the CDK then use the local cloud, and root's passwords are there
  npm run local:down   stops it and forgets all that it holds`);
