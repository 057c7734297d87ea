/** HMAC-SHA256 as base64. (`createHmac('sha256', key)` in the process.) */
export type HmacSha256 = (key: Uint8Array, text: string) => string;

/** Headers of one delivery, as Standard Webhooks has them: every live secret signs, and the receiver needs to know one. */
export function signedHeaders(
  id: string,
  timestampS: number,
  body: string,
  secrets: readonly Uint8Array[],
  hmac: HmacSha256,
): Readonly<Record<string, string>> {
  const signed = `${id}.${timestampS}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': secrets.map((secret) => `v1,${hmac(secret, signed)}`).join(' '),
  };
}
