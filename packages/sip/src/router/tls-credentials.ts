import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Log } from '@sordino/core';
import type { TlsClientFiles, TlsListenFiles } from './transport.ts';

/** RFC 9325 §3.1.1: TLS 1.2 is the least. */
const MIN_VERSION = 'TLSv1.2';
/** RFC 9325 §4.2: forward secrecy and authenticated encryption only. TLS 1.3 has its own list, all of it good. */
const TLS12_CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

const DAY_MS = 86_400_000;
/** Days before its end from which a certificate is warned of: time enough for a change window. */
const WARN_DAYS = 30;

/** Of a certificate of ours, for health. */
export interface CertificateHealth {
  readonly subject: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** Negative: it has expired. */
  readonly daysLeft: number;
}

type TlsFiles = Partial<TlsListenFiles> & TlsClientFiles;

interface Loaded {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  readonly leaf: X509Certificate | undefined;
}

/** The TLS files of one listening point, or those for connections of ours. Read at the start and again on `reload`. */
export class TlsCredentials {
  readonly #files: TlsFiles;
  readonly #log: Log;
  #loaded: Loaded;
  #lastProblem: string | undefined;

  /** Throws an error that names the file and says what is wrong with it. */
  constructor(files: TlsFiles, log: Log) {
    this.#files = files;
    this.#log = log;
    this.#loaded = load(files);
  }

  get context(): SecureContext {
    return this.#loaded.context;
  }

  /** What `context` was made of. */
  get options(): SecureContextOptions {
    return this.#loaded.options;
  }

  /** Reads the files again. True: they hold something new, and it is good. What is bad is logged, and the old stays. */
  reload(): boolean {
    try {
      const loaded = load(this.#files);
      this.#lastProblem = undefined;
      if (isSame(loaded.options, this.#loaded.options)) return false;
      this.#loaded = loaded;
      this.#log.info('TLS certificate was changed', { certificate: this.health()?.subject ?? 'authorities' });
      return true;
    } catch (error) {
      const reason = (error as Error).message;
      // Files are looked at each minute: the same problem is told once.
      if (reason !== this.#lastProblem) {
        this.#log.error('TLS certificate stays the old one: the new one cannot be used', { reason });
      }
      this.#lastProblem = reason;
      return false;
    }
  }

  health(): CertificateHealth | undefined {
    const { leaf } = this.#loaded;
    if (leaf === undefined) return undefined;
    const endMs = Date.parse(leaf.validTo);
    return {
      subject: leaf.subject.replaceAll('\n', ', '),
      notAfter: new Date(endMs).toISOString(),
      daysLeft: Math.floor((endMs - Date.now()) / DAY_MS),
    };
  }

  /** Says in the log when the certificate ends soon. */
  warn(): void {
    const health = this.health();
    if (health === undefined || health.daysLeft >= WARN_DAYS) return;
    if (health.daysLeft < 0) this.#log.error('TLS certificate has expired: peers refuse us', { ...health });
    else this.#log.warn('TLS certificate expires soon', { ...health });
  }
}

/** What would keep these files from being used, in words; undefined when they are good. */
export function tlsFilesProblem(files: TlsFiles): string | undefined {
  try {
    const { leaf } = load(files);
    return leaf !== undefined && Date.parse(leaf.validTo) < Date.now()
      ? `${files.certFile}: the certificate has expired on ${leaf.validTo}`
      : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function load({ certFile, keyFile, caFile }: TlsFiles): Loaded {
  const options: SecureContextOptions = {
    minVersion: MIN_VERSION,
    ciphers: TLS12_CIPHERS,
    honorCipherOrder: true,
  };
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new Error('a certificate and its key come together: one of the two files is not named');
  }
  let leaf: X509Certificate | undefined;
  if (certFile !== undefined && keyFile !== undefined) {
    options.cert = read(certFile);
    options.key = read(keyFile);
    leaf = certificateIn(options.cert, certFile);
    if (!leaf.checkPrivateKey(privateKeyIn(options.key, keyFile))) {
      throw new Error(`${keyFile}: the key does not belong to the certificate in ${certFile}`);
    }
  }
  if (caFile !== undefined) {
    options.ca = read(caFile);
    certificateIn(options.ca, caFile);
  }
  return { options, context: createSecureContext(options), leaf };
}

const isSame = (one: SecureContextOptions, other: SecureContextOptions): boolean =>
  one.cert === other.cert && one.key === other.key && one.ca === other.ca;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, {
      cause,
    });
  }
}

function certificateIn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`${file}: is not a certificate in PEM form`, { cause });
  }
}

/** The cause is left out: it could quote the file. */
function privateKeyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${file}: is not a private key in PEM form without a passphrase`);
  }
}
