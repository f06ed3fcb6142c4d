import { parseEndpoint } from '../../cluster/endpoint.ts';
import { InMemoryCluster } from '../support/in-memory-cluster.ts';
import { InMemorySecret } from '../support/in-memory-secret.ts';
import { clusterContract } from './cluster-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';

secretStoreContract('InMemorySecret', (first) => {
  const store = new InMemorySecret();
  store.storeByHand('v0', first);
  return Promise.resolve({
    store,
    storeByHand: (versionId, value) => Promise.resolve(store.storeByHand(versionId, value)),
    startRotation: (token) => {
      store.startRotation(token);
      return Promise.resolve();
    },
  });
});

for (const granted of [true, false]) {
  clusterContract(`InMemoryCluster (root ${granted ? 'is' : 'is not'} a super user)`, () => {
    const rules = { allowed: ['127.0.0.1', '127.0.0.2'], allowPlaintext: false };
    const cluster = new InMemoryCluster().addUser('reader', 'Initial-password-0').addUser('root', 'Root-password-0');
    cluster.superUsers = granted ? ['root'] : [];
    return Promise.resolve({
      cluster,
      user: {
        endpoint: parseEndpoint('http://127.0.0.1:19530', rules),
        username: 'reader',
        password: 'Initial-password-0',
      },
      nowhere: parseEndpoint('http://127.0.0.2:19530', rules),
      admin: { token: 'root:Root-password-0', granted },
    });
  });
}
