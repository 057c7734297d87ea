import { createSocket } from 'node:dgram';
import { type CallScene, HOST } from '../../scene/call-scene.ts';

/** How Sordino answers an OPTIONS outside a dialog: what a SIP edge asks before it sends calls there. */
export async function askOptions({ sordino }: CallScene): Promise<{ readonly status: number }> {
  const [, , port] = sordino.sip.find((address) => address.startsWith('udp:'))?.split(':') ?? [];
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
    const own = `${HOST}:${socket.address().port}`;
    const branch = `z9hG4bK${crypto.randomUUID()}`;
    const request = [
      `OPTIONS sip:${HOST}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: <sip:edge@${own}>;tag=${branch.slice(-8)}`,
      `To: <sip:${HOST}:${port}>`,
      `Call-ID: ${branch}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    const answered = new Promise<string>((resolve) => {
      socket.once('message', (bytes) => resolve(bytes.toString('latin1')));
    });
    socket.send(request, Number(port), HOST);
    return { status: Number((await answered).split(' ')[1]) };
  } finally {
    socket.close();
  }
}
