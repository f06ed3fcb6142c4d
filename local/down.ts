// npm run local:down
import { bringDown } from './cloud/background.ts';
import { removeAbandonedStates } from './cloud/state.ts';
import { CLOUD_STATE, LOCAL } from './project.ts';

const done = await bringDown(CLOUD_STATE);
await removeAbandonedStates(LOCAL);
console.log(
  {
    stopped: 'The local cloud is down, and what it held is gone.',
    cleaned: 'The local cloud had been killed. What it left is removed.',
    'not-running': 'No local cloud is running.',
  }[done],
);
