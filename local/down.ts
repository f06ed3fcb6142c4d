// npm run local:down: stops the local cloud and deletes its data.
import { bringDown } from './cloud/background.ts';
import { removeAbandonedStates } from './cloud/state.ts';
import { CLOUD_STATE, LOCAL } from './project.ts';

const result = await bringDown(CLOUD_STATE);
await removeAbandonedStates(LOCAL);
console.log(
  {
    stopped: 'The local cloud is stopped. Its data are deleted.',
    cleaned: 'The local cloud was killed before. Its data are deleted.',
    'not-running': 'No local cloud is running.',
  }[result],
);
