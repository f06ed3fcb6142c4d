import { EndpointError, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { DAY_MS, day } from '../terminal/time.ts';
import { type Answer, type DoctorContext, fail, pass, unknown, warning } from './check.ts';

const EXPIRES_SOON_DAYS = 14;

/** The codes of Node for a certificate or a handshake that a client refuses. */
const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/;

const HOW_TO_TRUST =
  'If a private authority signed the certificate, give its PEM file with --ca-file PATH. Otherwise renew the certificate, or correct the host or the port of the endpoint.';

export async function checkNetwork({ examination, ports }: DoctorContext): Promise<Answer> {
  const { endpoint } = examination.current?.credentials ?? {};
  if (endpoint === undefined) {
    return unknown('The endpoint is not known.');
  }
  const { host, url } = endpoint;
  const answer = await ports.networkProbe(endpoint, ports.privateCa);
  if (answer.kind === 'failed') {
    const reason = `No connection to ${url} that Node trusts (${answer.code}).`;
    return ports.usesProxy
      ? unknown(`${reason} The environment names a proxy, which this check does not use.`)
      : fail(
          reason,
          TLS_CODE.test(answer.code)
            ? HOW_TO_TRUST
            : 'Check the host and the port. Run the command in the network of the cluster.',
        );
  }
  if (answer.certificate === undefined) {
    return warning(`${url} is not encrypted.`, 'Switch TLS on in the cluster, and use https://.');
  }
  const { validTo, issuer } = answer.certificate;
  const days = Math.floor((validTo - ports.clock.now()) / DAY_MS);
  const until = day(validTo);
  return days < EXPIRES_SOON_DAYS
    ? warning(`The certificate of ${host} expires on ${until}.`, 'Renew the certificate before that date.')
    : pass(`${host} has a trusted certificate of ${issuer}, valid until ${until}.`);
}

/** The function has its own list of allowed hosts. */
export function checkAllowedHost({ examination: { current, strategy } }: DoctorContext): Answer {
  const { endpoint } = current?.credentials ?? {};
  if (endpoint === undefined || strategy.config === undefined) {
    return unknown(
      endpoint === undefined
        ? 'AWSCURRENT is not usable here, so its host is not known. A finding above says why.'
        : 'Whether the host is allowed is not known, because the configuration of the function was not read.',
    );
  }
  try {
    parseEndpoint(endpoint.url, strategy.config.endpointRules);
    return pass(`${endpoint.host} is allowed for the function.`);
  } catch (error) {
    if (error instanceof EndpointError) {
      return fail(error.message, 'Add the host to allowedEndpoints of the configuration, and deploy the stack.');
    }
    throw error;
  }
}
