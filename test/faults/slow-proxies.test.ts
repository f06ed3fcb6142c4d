import { it } from 'vitest';
import { promoteBehindSlowProxies, STRATEGIES } from './scenarios.ts';

it.each(STRATEGIES)(
  '%s: a rotation behind a slow proxy succeeds at once, and waits for the proxy',
  async (strategy) => {
    await promoteBehindSlowProxies({ strategy });
  },
);
