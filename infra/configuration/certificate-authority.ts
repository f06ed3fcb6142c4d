import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type CertificateAuthority =
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'unusable'; readonly rule: string };

/** Reads the PEM file of a private authority, and says before the deployment what TLS would say in the middle of a rotation. */
export function readCertificateAuthority(file: string): CertificateAuthority {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch {
    return unusable('No such file can be read. Write the path of a PEM file, relative to the configuration file.');
  }
  if (pem.includes('PRIVATE KEY')) {
    return unusable(
      'This file holds a private key, which must stay where it is. Give the certificate of the authority alone.',
    );
  }
  try {
    return new X509Certificate(pem).ca
      ? { kind: 'certificate', pem }
      : unusable('This is the certificate of a server. Give that of the authority which signed it.');
  } catch {
    return unusable('This file holds no certificate. Expected PEM: -----BEGIN CERTIFICATE-----.');
  }
}

function unusable(rule: string): CertificateAuthority {
  return { kind: 'unusable', rule };
}
