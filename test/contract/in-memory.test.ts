import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { InMemoryCluster } from '../support/in-memory-cluster.ts';
import { InMemoryControlPlane } from '../support/in-memory-control-plane.ts';
import { InMemorySecret } from '../support/in-memory-secret.ts';
import { clusterContract } from './cluster-contract.ts';
import { controlPlaneContract } from './control-plane-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';

secretStoreContract('InMemorySecret', (firstValue) => {
  const store = new InMemorySecret();
  store.storeByHand('v0', firstValue);
  return Promise.resolve({
    store,
    storeByHand: (versionId, value) => Promise.resolve(store.storeByHand(versionId, value)),
    startRotation: (token) => {
      store.startRotation(token);
      return Promise.resolve();
    },
  });
});

for (const mayReset of [true, false]) {
  clusterContract(`InMemoryCluster (root ${mayReset ? 'is' : 'is not'} a super user)`, () => {
    const rules = { allowed: ['127.0.0.1', '127.0.0.2'], allowPlaintext: false };
    const cluster = new InMemoryCluster().addUser('reader', 'Initial-password-0').addUser('root', 'Root-password-0');
    cluster.superUsers = mayReset ? ['root'] : [];
    return Promise.resolve({
      cluster,
      user: {
        endpoint: parseEndpoint('http://127.0.0.1:19530', rules),
        username: 'reader',
        password: 'Initial-password-0',
      },
      unusedEndpoint: parseEndpoint('http://127.0.0.2:19530', rules),
      admin: { token: 'root:Root-password-0', mayReset },
    });
  });
}

controlPlaneContract('InMemoryControlPlane', () => {
  const controlPlane = new InMemoryControlPlane();
  /** Shares the keys. */
  const seenBy = (manager: InMemoryControlPlane['manager']): InMemoryControlPlane =>
    Object.assign(Object.create(controlPlane) as InMemoryControlPlane, { manager });
  return Promise.resolve({
    controlPlane,
    unknownCaller: seenBy('rejected'),
    forbiddenCaller: seenBy('forbidden'),
    project: { id: 'proj-1', clusterIds: ['in01-a', 'in01-b'] },
    quota: controlPlane.quota,
    accepts: (key) => controlPlane.accepts(key),
  });
});
