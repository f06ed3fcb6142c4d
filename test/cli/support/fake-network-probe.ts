import type { Certificate, NetworkProbe, ProbeAnswer } from '../../../cli/cluster/network-probe.ts';
import type { FakeClock } from './fake-clock.ts';

/** A network in memory. A test replaces an answer. */
export interface FakeNetworkProbe extends NetworkProbe {
  readonly answers: {
    addresses: ProbeAnswer<readonly string[]>;
    connection: ProbeAnswer<undefined>;
    certificate: ProbeAnswer<Certificate>;
  };
}

export function createFakeNetworkProbe(clock: FakeClock): FakeNetworkProbe {
  const validTo = clock.now() + 90 * 86_400_000;
  const answers: FakeNetworkProbe['answers'] = {
    addresses: { kind: 'done', value: ['192.0.2.1'] },
    connection: { kind: 'done', value: undefined },
    certificate: { kind: 'done', value: { validTo, issuer: 'Example' } },
  };
  return {
    answers,
    resolve: async () => answers.addresses,
    connect: async () => answers.connection,
    handshake: async () => answers.certificate,
  };
}
