import { ControlPlaneError, type DescribedKey } from '../../../../protocol/keys/control-plane.ts';
import type { Plants, VerifyWorld } from '../../support/verify-world.ts';
import type { NoProof } from './no-proof.ts';
import { NO_REST, otherwise } from './other-cluster.ts';

export const OF_KEYS: Plants = {
  'keys-address': ({ organization }) => {
    const list = organization.list.bind(organization);
    let calls = 0;
    organization.list = async () => (++calls === 2 ? [] : await list());
  },
  'keys-quota': ({ organization }) => {
    const list = organization.list.bind(organization);
    organization.list = async () => {
      const keys = await list();
      return [
        ...keys,
        ...Array.from({ length: 100 }, (_, index) => ({ ...keys[0], id: `key-${index}` }) as DescribedKey),
      ];
    };
  },
  'keys-managers': onlyOwnersManage,
  'keys-codes': ({ fixture, organization }) => {
    fixture.connectControlPlane = () => organization;
  },
  'keys-ids': ({ organization }) => {
    const list = organization.list.bind(organization);
    organization.list = async () => [
      ...(await list()),
      { id: 'key/1', name: 'x', description: '', scope: { orgRole: 'Owner', projects: [] }, createdAt: 0 },
    ];
  },
  'keys-scope': ({ organization }) => {
    const create = organization.create.bind(organization);
    organization.create = async (key) => {
      const created = await create(key);
      organization.changeScope(created.id, { orgRole: 'Member', projects: [] });
      return created;
    };
  },
  'keys-names': ({ organization }) => {
    const create = organization.create.bind(organization);
    organization.create = async (key) => {
      const isUsed = (await organization.list()).some(({ name }) => name === key.name);
      return await create(isUsed ? { ...key, scope: { orgRole: 'Owner', projects: [] } } : key);
    };
  },
  'keys-listed': ({ organization, fixture: { clock } }) => {
    const list = organization.list.bind(organization);
    organization.list = async () =>
      (await list()).filter(
        ({ createdAt = 0, description }) => description.length < 255 || createdAt + 20_000 < clock.now(),
      );
  },
  'zilliz-key-call': ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, NO_REST);
  },
  'zilliz-propagation': ({ organization }) => {
    organization.delayMs = 20_000;
  },
  'keys-refusals': ({ organization }) => {
    const remove = organization.delete.bind(organization);
    organization.delete = async (id) => {
      await remove(id);
      return 'deleted';
    };
  },
};

export const NO_PROOF_OF_KEYS: readonly NoProof[] = [
  [
    'key',
    'sm-steps',
    'undecided',
    'the function reads no pins',
    ({ fixture: { aws } }) => {
      delete aws.environment['SECRET_TARGETS'];
    },
  ],
  [
    'key',
    'keys-address',
    'not checked',
    'the configuration names another address',
    ({ fixture: { aws } }) => {
      aws.environment['CONTROL_PLANE_URL'] = 'https://api.cloud.zilliz.com.cn';
    },
  ],
  [
    'key',
    'keys-names',
    'undecided',
    'the control plane gives no answer',
    ({ organization }) => {
      const create = organization.create.bind(organization);
      organization.create = async (key) => {
        if (key.description.endsWith('.')) {
          throw new ControlPlaneError('unavailable', 'POST: HTTP 500');
        }
        return await create(key);
      };
    },
  ],
  [
    'key',
    'keys-managers',
    'not checked',
    'the key of --like is no project Admin',
    (world) => {
      world.organization.changeScope(world.args.key.at(-1) ?? '', { orgRole: 'Billing-Admin', projects: [] });
      onlyOwnersManage(world);
    },
  ],
  [
    'key',
    'keys-listed',
    'differs',
    'the list cuts the names of keys',
    ({ organization }) => {
      const list = organization.list.bind(organization);
      organization.list = async () => (await list()).map((key) => ({ ...key, name: key.name.slice(0, 60) }));
    },
  ],
  [
    'key',
    'zilliz-propagation',
    'holds',
    'a deleted key is accepted for long',
    ({ organization, fixture: { cluster } }) => {
      cluster.acceptsKey = (key) => organization.everyKey.includes(key);
    },
  ],
];

function onlyOwnersManage({ fixture }: VerifyWorld): void {
  const { connectControlPlane } = fixture;
  fixture.connectControlPlane = (key, ...settings) =>
    connectControlPlane(key === 'manager-key' ? key : 'verify-unknown', ...settings);
}
