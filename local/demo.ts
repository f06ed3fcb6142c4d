// npm run demo
import { constants } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedStates } from './cloud/state.ts';
import { BrokenPromiseError, Narrator } from './demo/narrator.ts';
import { tellStory } from './demo/story.ts';
import { startLocalCloud } from './local-cloud.ts';
import { LOCAL } from './project.ts';

const interruption = new AbortController();
const narrator = new Narrator(process.stdout, interruption.signal);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) {
      return; // A terminal and npm may both tell us.
    }
    process.exitCode = 128 + constants.signals[signal];
    interruption.abort();
  });
}

await removeAbandonedStates(LOCAL);
narrator.chapter(
  'A cloud on this machine',
  'An AWS emulator, and two real Milvus servers with authorization on. They listen here, and need no account and no Docker.',
);
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `demo-${process.pid}`) });
try {
  interruption.signal.throwIfAborted();
  narrator.done('All three answer');
  narrator.fact('AWS', cloud.access.awsUrl);
  narrator.fact('Milvus 2.3.5', `${cloud.access.milvus.tls.endpoint}   TLS, with a private certificate authority`);
  narrator.fact('Milvus 2.3.5', `${cloud.access.milvus.plaintext.endpoint}   plain text, which loopback alone may use`);
  const interrupted = new Promise<never>((_, reject) => {
    interruption.signal.addEventListener('abort', () => reject(interruption.signal.reason));
  });
  await Promise.race([tellStory(cloud, narrator, interruption.signal), interrupted]);
} catch (error) {
  if (interruption.signal.aborted) {
    narrator.end('Interrupted. Tidying up …');
  } else {
    process.exitCode = 1;
    narrator.end(error instanceof BrokenPromiseError ? error.message : 'The demonstration could not go on:');
    if (!(error instanceof BrokenPromiseError)) {
      console.error(error instanceof Error ? error.message : error);
    }
  }
} finally {
  await cloud.stop();
}
if (process.exitCode === undefined) {
  narrator.end(`All ${narrator.checks} checks hold, after ${narrator.elapsed}. Everything is stopped and removed.`);
}
process.exit();
