import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type CertificateAuthority =
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'unusable'; readonly rule: string };

/** Reads and checks the PEM file of a private authority. */
export function readCertificateAuthority(file: string): CertificateAuthority {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch {
    return unusable('This file cannot be read. Write the path of a PEM file, relative to the configuration file.');
  }
  return parseCertificateAuthority(pem);
}

/** Checks the PEM text at synth. Otherwise the first TLS connection of a rotation would fail. */
export function parseCertificateAuthority(pem: string): CertificateAuthority {
  if (pem.includes('PRIVATE KEY')) {
    return unusable(
      'The text contains a private key, which must stay secret. Give only the certificate of the authority.',
    );
  }
  try {
    const certificate = new X509Certificate(pem);
    // A self-signed server certificate is its own authority.
    return certificate.ca || certificate.checkIssued(certificate)
      ? { kind: 'certificate', pem }
      : unusable('This is the certificate of a server. Give the certificate of the authority that signed it.');
  } catch {
    return unusable(
      'The text contains no certificate. Give the text of a PEM file, which starts with -----BEGIN CERTIFICATE-----.',
    );
  }
}

function unusable(rule: string): CertificateAuthority {
  return { kind: 'unusable', rule };
}
