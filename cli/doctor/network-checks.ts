import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { DAY_MS, day } from '../terminal/time.ts';
import { type Answer, type Check, type DoctorPorts, fail, pass, unknown, warning } from './check.ts';

/** A check of the endpoint in AWSCURRENT. */
function ofEndpoint(check: (endpoint: Endpoint, ports: DoctorPorts) => Promise<Answer>): Check {
  return ({ examination, ports }) => {
    const { endpoint } = examination.current?.credentials ?? {};
    return endpoint === undefined ? unknown('The endpoint is not known.') : check(endpoint, ports);
  };
}

export const checkDns: Check = ofEndpoint(async ({ host }, ports) => {
  const answer = await ports.networkProbe.resolve(host);
  return answer.kind === 'done'
    ? pass(`${host} is ${answer.value.join(', ')}.`)
    : unreachable(`${host} has no address here (${answer.code}).`, ports);
});

export const checkTcp: Check = ofEndpoint(async (endpoint, ports) => {
  const { host, port } = endpoint;
  const answer = await ports.networkProbe.connect(endpoint);
  return answer.kind === 'done'
    ? pass(`${host} accepts connections on port ${port}.`)
    : unreachable(`${host} does not accept a connection on port ${port} (${answer.code}).`, ports);
});

function unreachable(reason: string, { usesProxy }: DoctorPorts): Answer {
  return usesProxy
    ? unknown(`${reason} The environment names a proxy, which this check does not use.`)
    : fail(reason, 'Check the host and the port. Run the command in the network of the cluster.');
}

const EXPIRES_SOON_DAYS = 14;

const HOW_TO_TRUST =
  'If a private authority signed the certificate, give its PEM file with --ca-file PATH. Otherwise renew the certificate, or correct the host or the port of the endpoint.';

export const checkTls: Check = ofEndpoint(async (endpoint, ports) => {
  const { host, tls } = endpoint;
  if (!tls) {
    return warning(`${endpoint.url} is not encrypted.`, 'Switch TLS on in the cluster, and use https://.');
  }
  const answer = await ports.networkProbe.handshake(endpoint, ports.privateCa);
  if (answer.kind === 'failed') {
    const reason = `No TLS handshake with ${host} that Node trusts (${answer.code}).`;
    return ports.usesProxy ? unknown(reason) : fail(reason, HOW_TO_TRUST);
  }
  const { validTo, issuer } = answer.value;
  const days = Math.floor((validTo - ports.clock.now()) / DAY_MS);
  const until = day(validTo);
  return days < EXPIRES_SOON_DAYS
    ? warning(`The certificate of ${host} expires on ${until}.`, 'Renew the certificate before that date.')
    : pass(`${host} has a trusted certificate of ${issuer}, valid until ${until}.`);
});
