/**
 * Where a secret comes from: a file, the environment, a key management service, a security module. Configuration holds references
 * `scheme:locator`, never secrets. A provider for another service (AWS KMS, Google Cloud KMS, Azure Key Vault: decrypt what a file
 * holds) implements this and takes its place in `openSecrets`.
 */
export interface SecretProvider {
  /** What stands before the colon of its references. */
  readonly scheme: string;
  /** How a reference of it looks. */
  readonly example: string;
  /** Rejects where there is none, saying what to do; no message repeats what was read. */
  read(locator: string): Promise<Uint8Array>;
}

/** Reads secrets by reference. `where`: the key of the configuration, for the message when it fails. */
export type ReadSecret = (reference: string, where: string) => Promise<Uint8Array>;
