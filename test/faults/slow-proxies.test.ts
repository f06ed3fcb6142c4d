import { it } from 'vitest';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { promoteBehindSlowProxies } from './scenarios.ts';

it.each(USER_STRATEGY_NAMES)(
  '%s: a rotation behind a slow proxy succeeds at once, and waits for the proxy',
  async (strategy) => {
    await promoteBehindSlowProxies({ strategy });
  },
);
