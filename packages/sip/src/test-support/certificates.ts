import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const KEYS = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface CertificateWish {
  /** subjectAltName: `dns:example.com`, `ip:127.0.0.1`, `uri:sip:example.com`. Empty: none. */
  readonly names: readonly string[];
  readonly commonName?: string;
  /** Days from now at which it ends; negative: it has. Default: 90. */
  readonly days?: number;
  /** Written over: default a new name. */
  readonly file?: string;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A throw-away certificate authority of one test, with its files in a directory of its own. */
export class TestAuthority {
  readonly caFile: string;
  readonly directory: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #root: x509.X509Certificate;
  #made = 0;

  private constructor(directory: string, keys: webcrypto.CryptoKeyPair, root: x509.X509Certificate) {
    this.directory = directory;
    this.#keys = keys;
    this.#root = root;
    this.caFile = join(directory, 'ca.pem');
    writeFileSync(this.caFile, root.toString('pem'));
  }

  static async make(name = 'test authority'): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: randomBytes(8).toString('hex'),
      name: `CN=${name}`,
      ...validity(90),
      signingAlgorithm: KEYS,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new TestAuthority(mkdtempSync(join(tmpdir(), 'sordino-tls-')), keys, root);
  }

  /** A certificate for both roles, with its key, as PEM files. */
  async issue({ names, commonName = 'test', days = 90, file }: CertificateWish): Promise<CertificateFiles> {
    const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
    const alternatives = names.map((name) => {
      const [type = '', ...value] = name.split(':');
      return { type: type === 'uri' ? 'url' : type, value: value.join(':') } as x509.JsonGeneralName;
    });
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString('hex'),
      subject: `CN=${commonName}`,
      issuer: this.#root.subject,
      ...validity(days),
      signingAlgorithm: KEYS,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
      ],
    });
    this.#made += 1;
    const base = join(this.directory, file ?? `certificate-${this.#made}`);
    const files = { certFile: `${base}.pem`, keyFile: `${base}.key` };
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    writeFileSync(files.certFile, certificate.toString('pem'));
    writeFileSync(files.keyFile, x509.PemConverter.encode(key, 'PRIVATE KEY'), { mode: 0o600 });
    return files;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Begins a day before now, or before its end: clocks differ. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const end = Date.now() + days * DAY_MS;
  return { notBefore: new Date(Math.min(Date.now(), end) - DAY_MS), notAfter: new Date(end) };
}
