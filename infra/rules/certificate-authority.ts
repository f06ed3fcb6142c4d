import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type CertificateAuthority =
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'unusable'; readonly rule: string };

/** Reads the PEM file of a private authority. */
export function readCertificateAuthority(file: string): CertificateAuthority {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch {
    return unusable('No such file can be read. Write the path of a PEM file, relative to the configuration file.');
  }
  return judgeCertificateAuthority(pem);
}

/** Says before the deployment what TLS would say in the middle of a rotation. */
export function judgeCertificateAuthority(pem: string): CertificateAuthority {
  if (pem.includes('PRIVATE KEY')) {
    return unusable(
      'It holds a private key, which must stay where it is. Give the certificate of the authority alone.',
    );
  }
  try {
    const certificate = new X509Certificate(pem);
    // One that a server signed for itself is its own authority.
    return certificate.ca || certificate.checkIssued(certificate)
      ? { kind: 'certificate', pem }
      : unusable('It is the certificate of a server. Give that of the authority which signed it.');
  } catch {
    return unusable(
      'It holds no certificate. Expected the text of a PEM file, which begins with -----BEGIN CERTIFICATE-----.',
    );
  }
}

function unusable(rule: string): CertificateAuthority {
  return { kind: 'unusable', rule };
}
