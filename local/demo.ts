// npm run demo: rotates three credentials on a local cloud, then removes the cloud. Exits with 0 if
// every check passes.
import { constants } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedStates } from './cloud/state.ts';
import { DemoOutput, FailedCheckError } from './demo/output.ts';
import { runScenario } from './demo/scenario.ts';
import { startLocalCloud } from './local-cloud.ts';
import { LOCAL } from './project.ts';

const interruption = new AbortController();
const output = new DemoOutput(process.stdout, interruption.signal);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) {
      return; // The terminal and npm can send the same signal.
    }
    process.exitCode = 128 + constants.signals[signal];
    interruption.abort();
  });
}

await removeAbandonedStates(LOCAL);
output.step(
  'Start AWS and Milvus on this machine',
  'An AWS emulator and two real Milvus servers with authorization on. No Docker and no account.',
);
const cloud = await startLocalCloud(join(LOCAL, `demo-${process.pid}`));
try {
  const { awsUrl, milvus } = cloud.access;
  output.fact('AWS emulator', awsUrl);
  output.fact('Milvus with TLS', milvus.tls.endpoint);
  output.fact('Milvus without TLS', milvus.plaintext.endpoint);
  const interrupted = new Promise<never>((_, reject) => {
    interruption.signal.addEventListener('abort', () => reject(interruption.signal.reason));
  });
  await Promise.race([runScenario(cloud, output, interruption.signal), interrupted]);
} catch (error) {
  if (interruption.signal.aborted) {
    output.end('Interrupted. Stopping the servers …');
  } else {
    process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    output.end(error instanceof FailedCheckError ? message : `The demo failed. ${message}`);
  }
} finally {
  await cloud.stop();
}
if (process.exitCode === undefined) {
  output.end(
    `All ${output.checks} checks passed in ${Math.round(performance.now() / 1000)} s. The servers are stopped and their data deleted.\nNext, a cloud of your own: npm run local:up`,
  );
}
process.exit();
