import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthority } from '@sordino/sip/testing';
import { HOST } from '../scene/call-scene.ts';
import { payOnce } from './support/pay-once.ts';

describe('a whole payment call', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await TestAuthority.make();
  });
  afterAll(() => authority.remove());

  it('over mutual TLS on legs 5 and 7', async () => {
    const platform = await authority.issue({ names: [`ip:${HOST}`, 'dns:platform.example.com'] });
    const { certFile, keyFile } = await authority.issue({ names: [`ip:${HOST}`] });
    const files = { ca_file: authority.caFile, cert_file: certFile, key_file: keyFile };
    const { sip, rendezvous } = await payOnce({
      transport: 'tls',
      world: { platform: { tls: { ...platform, caFile: authority.caFile } } },
      sip: {
        listen: [
          { protocol: 'tls', host: HOST, port: 0, tls: { ...files, client_certificates: 'required' } },
        ],
        tls_client: files,
      },
    });
    expect(sip).toEqual([expect.stringMatching(/^tls:127\.0\.0\.1:\d+$/)]);
    expect(rendezvous).toMatch(/^sip:.+@127\.0\.0\.1:\d+;transport=tls$/);
  });

  it('with SRTP on legs 6 and 7, keys in the SDP, and never a packet in the clear', async () => {
    await payOnce({ world: { srtp: 'sdes' }, platform: { crypto: 'sdes' } });
  });

  it.each(['udp', 'tcp'] as const)('with its SIP on IPv6, over %s', async (transport) => {
    const { sip, rendezvous } = await payOnce({
      transport,
      world: { sipHost: '::1' },
      sip: { listen: [{ protocol: transport, host: '::1', port: 0 }] },
    });
    expect(sip).toEqual([expect.stringMatching(new RegExp(`^${transport}:\\[::1\\]:\\d+$`))]);
    expect(rendezvous).toMatch(/^sip:.+@\[::1\]:\d+;transport=/);
  });
});
