// npm run local:down: stops the local cloud and deletes its data.
import { bringDown } from './cloud/background.ts';
import { removeAbandonedStates } from './cloud/state.ts';
import { CLOUD_STATE, LOCAL } from './project.ts';

const hasRun = await bringDown(CLOUD_STATE);
await removeAbandonedStates(LOCAL);
console.log(hasRun ? 'The local cloud is stopped. Its data are deleted.' : 'No local cloud is running.');
