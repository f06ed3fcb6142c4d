export { DocumentError } from '../secret/document.ts';
export { type Credential, readCredential } from './credential.ts';
