// The process behind `npm run local:up`: owns the local cloud until it is told to stop.
//   node local/cloud/host.ts STATE_DIR
import { once } from 'node:events';
import { startLocalCloud } from '../local-cloud.ts';

const [stateDir] = process.argv.slice(2);
if (stateDir === undefined) {
  throw new Error('Give the state folder as the argument.');
}
const told = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
const alive = setInterval(() => {}, 2 ** 30);
const cloud = await startLocalCloud({ stateDir });
await told;
await cloud.stop();
clearInterval(alive);
