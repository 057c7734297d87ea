import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { SipEndpoint } from '@sordino/sip';
import { bothTalk } from '../failures/support/aftermath.ts';
import { recordingLog } from '../failures/support/recording-log.ts';
import { askOptions } from '../failures/support/sip-options.ts';
import { answerOf, CallScene, HOST } from '../scene/call-scene.ts';

/** All of 127.0.0.0/8 is this machine on Linux: another address stands for another host. */
const STRANGER = '127.0.0.9';

/** What a scanner sends, and what it would send if it knew more than it can. */
function attempts(token: string, port: number, own: number): string[] {
  const write = (method: string, uri: string, more: readonly string[] = []): string =>
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${STRANGER}:${own};branch=z9hG4bK${crypto.randomUUID()};rport`,
      'Max-Forwards: 70',
      `From: <sip:100@${STRANGER}>;tag=scan`,
      `To: <${uri}>`,
      `Call-ID: ${crypto.randomUUID()}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:100@${STRANGER}:${own}>`,
      ...more,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  const options = write('OPTIONS', `sip:100@${HOST}:${port}`, ['User-Agent: friendly-scanner']);
  return [
    options,
    // The right token, from the wrong place.
    write('INVITE', `sip:${token}@${HOST}:${port}`),
    write('REGISTER', `sip:${HOST}:${port}`),
    write('BYE', `sip:sordino@${HOST}:${port}`),
    options.replace('CSeq: 1', 'CSeq: one'),
    options.replace('SIP/2.0\r\n', 'SIP/9.9\r\n'),
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\r\n\r\n',
    '\u0000\u0000',
  ];
}

describe('a stranger', () => {
  it('hears nothing over UDP and finds TCP closed, while the call of the platform goes on', async () => {
    const { log, lines } = recordingLog();
    await using scene = await CallScene.open({ log, platform: { allow: [HOST] } });
    const { session, follower } = await scene.readySession();
    const { session: waiting } = await scene.createSession({
      call: { platform: 'plt_main', call_id: 'waits' },
    });
    const token = /^sips?:([^@]+)@/.exec(waiting.rendezvous?.sip_uri ?? '')?.[1] ?? '';
    const port = (protocol: string): number =>
      Number(
        scene.sordino.sip
          .find((at) => at.startsWith(`${protocol}:`))
          ?.split(':')
          .at(-1),
      );

    const socket: Socket = createSocket('udp4').bind(0, STRANGER);
    await once(socket, 'listening');
    const heard: Buffer[] = [];
    socket.on('message', (octets) => heard.push(octets));
    for (const text of attempts(token, port('udp'), socket.address().port)) {
      await new Promise<void>((sent) => socket.send(text, port('udp'), HOST, () => sent()));
    }
    for (const text of attempts(token, port('tcp'), socket.address().port)) {
      expect(await overTcp(text, port('tcp'))).toBe('');
    }

    // All of it has been looked at: what came later is answered.
    expect((await askOptions(scene)).status).toBe(200);
    expect(heard).toEqual([]);
    await bothTalk(scene);
    const ignored = lines.filter(({ message }) => message.startsWith('SIP ignored'));
    expect(ignored).toEqual([
      {
        level: 'warn',
        message: 'SIP ignored: no platform allows this source',
        fields: { source: STRANGER, times: 1 },
      },
    ]);

    // The token that the stranger knew is as good as before: its INVITE was none.
    expect(answerOf(await scene.client.read(waiting.id)).status).toBe('awaiting_media');
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await bothTalk(scene);
    socket.close();
  });
});

describe('a platform that has the token of another', () => {
  it('gets the 404 of a token that never was, and the call is taken from its own platform', async () => {
    const otherHost = '127.0.0.3';
    await using scene = await CallScene.open({
      platform: { allow: [HOST] },
      otherPlatforms: [{ id: 'plt_b', return_uri: `sip:{call_id}@${otherHost}:5070`, allow: [otherHost] }],
    });
    const { session, follower } = await scene.createSession();
    const uri = session.rendezvous?.sip_uri ?? '';
    const other = await SipEndpoint.open({
      listen: [{ protocol: 'udp', host: otherHost, port: 0 }],
      log: silentLog,
    });
    const status = await new Promise((resolve) => {
      other.invite(
        { target: uri, offer: undefined, answerTimeoutMs: 10_000 },
        { ended: (end) => resolve(end.status) },
      );
    });
    expect(status).toBe(404);
    await other.close();
    await scene.divert(session);
    await follower.until('session.ready');
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
  });
});

/** What comes back until the connection is closed by the other side. */
async function overTcp(text: string, port: number): Promise<string> {
  const socket = connect({ port, host: HOST, localAddress: STRANGER });
  let heard = '';
  socket.on('data', (octets) => {
    heard += octets.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return heard;
}
