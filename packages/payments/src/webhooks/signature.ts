/** HMAC-SHA256 over the parts one after the other, as base64. (`createHmac('sha256', key)` in the process.) */
export type HmacSha256 = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]) => string;

/** Headers of one message, as Standard Webhooks has them: every live secret signs, and the receiver needs to know one. */
export function signedHeaders(
  id: string,
  timestampS: number,
  body: string | Uint8Array,
  secrets: readonly Uint8Array[],
  hmac: HmacSha256,
): Readonly<Record<string, string>> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': secrets
      .map((secret) => `v1,${hmac(secret, `${id}.${timestampS}.`, body)}`)
      .join(' '),
  };
}
