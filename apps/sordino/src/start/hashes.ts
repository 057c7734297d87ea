import { createHash, createHmac } from 'node:crypto';
import type { GatewayWays, HmacSha256 } from '@sordino/payments';

export const hmac: GatewayWays['hmac'] = (hash, key, ...parts) => {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** In base64, as Standard Webhooks signs. */
export const hmacSha256: HmacSha256 = (key, ...parts) =>
  Buffer.from(hmac('sha256', key, ...parts)).toString('base64');

export const digest: GatewayWays['digest'] = (hash, ...parts) => {
  const sum = createHash(hash);
  for (const part of parts) sum.update(part);
  return sum.digest();
};
