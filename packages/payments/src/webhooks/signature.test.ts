import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { type HmacSha256, signedHeaders } from './signature.ts';

const hmac: HmacSha256 = (key, ...parts) => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest('base64');
};

it('signs as the example of Standard Webhooks', () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const body = '{"test": 2432232314}';
  expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body, [secret], hmac)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('signs with each live secret, so that a receiver may still know the old one', () => {
  const [one, two] = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)];
  const both = signedHeaders('evt_1', 1, '{}', [one, two], hmac)['webhook-signature'];
  const alone = [one, two].map(
    (secret) => signedHeaders('evt_1', 1, '{}', [secret], hmac)['webhook-signature'],
  );
  expect(both).toBe(alone.join(' '));
});
