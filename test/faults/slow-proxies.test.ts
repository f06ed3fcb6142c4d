import { it } from 'vitest';
import { promoteBehindSlowProxies } from './scenarios.ts';

it('a rotation behind a slow proxy succeeds at once, and waits for the proxy', async () => {
  await promoteBehindSlowProxies();
});
