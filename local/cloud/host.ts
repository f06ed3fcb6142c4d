// The background process of `npm run local:up`. It runs the local cloud until SIGTERM, or until one
// of its servers ends.
//   node local/cloud/host.ts STATE_DIR
import { once } from 'node:events';
import { startLocalCloud } from '../local-cloud.ts';

const [stateDir] = process.argv.slice(2);
if (stateDir === undefined) {
  throw new Error('The argument is missing: the state folder.');
}
const stopSignal = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
const keepAlive = setInterval(() => {}, 2 ** 30);
const cloud = await startLocalCloud(stateDir);
await Promise.race([stopSignal, cloud.serverEnded]);
await cloud.stop();
clearInterval(keepAlive);
