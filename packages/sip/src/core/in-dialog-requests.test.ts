import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import type { RawUdpPeer } from './test-support/raw-peer.ts';
import { type IncomingCall, type Party, Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

async function stage(): Promise<{ us: Party; raw: RawUdpPeer }> {
  const us = await scene.party();
  return { us, raw: await scene.rawUdp(us.port) };
}

interface Talking {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly call: IncomingCall;
  readonly parts: { uri: string; port: number; callId: string; toTag: string };
}

async function talking(): Promise<Talking> {
  const { us, raw } = await stage();
  const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'talking' };
  raw.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
  const call = await us.nextCall();
  call.leg.accept(SDP('us'));
  const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
  raw.send(request('ACK', { ...parts, toTag }));
  await call.notes.next('acknowledged');
  return { us, raw, call, parts: { ...parts, toTag } };
}

describe('a request inside a dialog', () => {
  it('of a dialog that we do not know: 481; an ACK: nothing', async () => {
    const { us, raw } = await stage();
    for (const method of ['BYE', 'INVITE', 'INFO', 'OPTIONS', 'REFER']) {
      raw.send(
        request(method, { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'unknown', toTag: 'nobody' }),
      );
      await raw.next(new RegExp(`^SIP/2\\.0 481[\\s\\S]*CSeq: 1 ${method}`));
    }
    raw.send(request('ACK', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'unknown', toTag: 'nobody' }));
    await untilIdle(us);
  });

  it('INFO: 200, and the handler gets type and octets; the trace gets neither', async () => {
    const { us, raw, call, parts } = await talking();
    raw.send(
      request('INFO', {
        ...parts,
        cseq: 2,
        headers: ['Content-Type: application/dtmf-relay'],
        body: 'Signal=5\r\nDuration=160\r\n',
      }),
    );
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 INFO/);
    const note = await call.notes.next('info');
    expect(note.contentType).toBe('application/dtmf-relay');
    expect(new TextDecoder().decode(note.body)).toBe('Signal=5\r\nDuration=160\r\n');
    const traced = us.trace.map(({ text }) => text).join('\n');
    expect(traced).toContain('CSeq: 2 INFO');
    expect(traced).not.toContain('Signal=5');
    expect(us.log.join('\n')).not.toContain('Signal=5');
  });

  it('INFO of a package that we never asked for: 469 with an empty Recv-Info, and no key; dtmf is one all the same', async () => {
    const { raw, call, parts } = await talking();
    const info = (cseq: number, name: string): string =>
      request('INFO', {
        ...parts,
        cseq,
        headers: [`Info-Package: ${name}`, 'Content-Type: application/dtmf'],
        body: '5',
      });
    raw.send(info(2, 'conference'));
    expect(header(await raw.next('SIP/2.0 469'), 'Recv-Info')).toBe('');
    raw.send(info(3, 'dtmf'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 3 INFO/);
    await call.notes.next('info');
    expect(call.notes.types.filter((type) => type === 'info')).toHaveLength(1);
  });

  it('a repeated INFO is one key press', async () => {
    const { raw, call, parts } = await talking();
    const info = request('INFO', {
      ...parts,
      cseq: 2,
      headers: ['Content-Type: application/dtmf'],
      body: '5',
    });
    raw.send(info);
    raw.send(info);
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 INFO/);
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 INFO/);
    expect(call.notes.types.filter((type) => type === 'info')).toHaveLength(1);
  });

  it('REFER: the answer of the handler', async () => {
    const { raw, call, parts } = await talking();
    raw.send(request('REFER', { ...parts, cseq: 2, headers: ['Refer-To: <sip:x@127.0.0.1>'] }));
    await raw.next(/^SIP\/2\.0 202[\s\S]*CSeq: 2 REFER/);
    expect(await call.notes.next('referred')).toMatchObject({ referTo: '<sip:x@127.0.0.1>' });
    raw.send(request('REFER', { ...parts, cseq: 3 }));
    await raw.next(/^SIP\/2\.0 400[\s\S]*CSeq: 3 REFER/);
  });

  it('REFER without a handler: 603', async () => {
    const us = await scene.party('udp', {
      onInvite: (leg) => {
        queueMicrotask(() => leg.accept(SDP('us')));
        return { ended: () => {} };
      },
    });
    const raw = await scene.rawUdp(us.port);
    const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'refer603' };
    raw.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { ...parts, toTag }));
    raw.send(request('REFER', { ...parts, toTag, cseq: 2, headers: ['Refer-To: <sip:x@127.0.0.1>'] }));
    await raw.next(/^SIP\/2\.0 603[\s\S]*CSeq: 2 REFER/);
  });

  it.each([
    ['UPDATE', 200],
    ['NOTIFY', 489],
    ['PRACK', 481],
    ['OPTIONS', 200],
  ] as const)('%s: %i, and the call goes on', async (method, status) => {
    const { raw, call, parts } = await talking();
    raw.send(request(method, { ...parts, cseq: 2 }));
    await raw.next(new RegExp(`^SIP/2\\.0 ${status}[\\s\\S]*CSeq: 2 ${method}`));
    expect(call.leg.state).toBe('confirmed');
  });

  it('with a lower CSeq: 500 (RFC 3261 §12.2.2)', async () => {
    const { raw, parts } = await talking();
    raw.send(request('INFO', { ...parts, cseq: 9 }));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 9 INFO/);
    raw.send(request('INFO', { ...parts, cseq: 8 }));
    await raw.next(/^SIP\/2\.0 500[\s\S]*CSeq: 8 INFO/);
  });

  it('on another listening point than its dialog is served all the same', async () => {
    const us = await scene.party('udp', {
      listen: [
        { protocol: 'udp', host: '127.0.0.1', port: 0 },
        { protocol: 'tcp', host: '127.0.0.1', port: 0 },
      ],
    });
    const raw = await scene.rawUdp(us.port);
    const tcp = await scene.rawTcp(us.sip.local('tcp')?.port ?? 0);
    const parts = { uri: 'sip:tok@127.0.0.1', callId: 'both' };
    raw.send(
      request('INVITE', {
        ...parts,
        port: raw.port,
        sdp: SDP('raw'),
        contact: `<sip:raw@127.0.0.1:${tcp.port};transport=tcp>`,
      }),
    );
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    tcp.send(request('ACK', { ...parts, port: tcp.port, transport: 'TCP', toTag }));
    await call.notes.next('acknowledged');
    call.leg.hangup();
    const bye = await tcp.next('BYE');
    expect(header(bye, 'Via')).toMatch(/^SIP\/2\.0\/TCP /);
    tcp.send(response(bye, 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', status: 200 });
  });
});
