import { createHash, createHmac } from 'node:crypto';
import type { GatewayWays } from '@sordino/payments';

export const hmac: GatewayWays['hmac'] = (hash, key, ...parts) => {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

export const digest: GatewayWays['digest'] = (hash, ...parts) => {
  const sum = createHash(hash);
  for (const part of parts) sum.update(part);
  return sum.digest();
};
