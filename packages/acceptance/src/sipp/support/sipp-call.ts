import type { SessionObject } from '@sordino/core';
import { type RtpPhone, until } from '@sordino/testkit';
import { RawSip } from '../../process/support/raw-sip.ts';
import { HOST, type Sipp } from './run-sipp.ts';

const PACKETS_HEARD = 25;

/** Both phones speak to the addresses that Sordino gave to SIPp in their name, and hear each other. */
export async function talk(...sides: readonly (readonly [phone: RtpPhone, sipp: Sipp])[]): Promise<void> {
  for (const [phone, sipp] of sides) {
    let port: number | undefined;
    await until('Sordino said where it takes media', async () => {
      port = mediaPortOf(await sipp.messages());
      return port !== undefined;
    });
    phone.setPeer({
      rtp: { host: HOST, port: port ?? 0 },
      audioPayloadType: 0,
      codec: 'PCMU',
      eventPayloadType: 101,
    });
    phone.startTalking();
  }
  for (const [phone] of sides) await until('audio comes', () => phone.heard.packets.length >= PACKETS_HEARD);
}

export const tokenOf = ({ rendezvous }: SessionObject): string =>
  /^sips?:([^@]+)@/.exec(rendezvous?.sip_uri ?? '')?.[1] ?? '';

/** From the first session description in what SIPp received. */
function mediaPortOf(messages: string): number | undefined {
  const received = messages.split(/^-{10,}.*$/m).filter((part) => / message received \[/.test(part));
  const port = /^m=audio (\d+)/m.exec(received.find((part) => part.includes('m=audio')) ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

/** An INFO in the call that SIPp plays: its scenario waits for that before it goes on. */
export async function tell(port: number, messages: string): Promise<void> {
  using conductor = await RawSip.open(port);
  const callId = /^Call-ID: *(\S+)/m.exec(messages)?.[1];
  const to = /^To: *(.*;tag=.*?)\r?$/m.exec(messages)?.[1];
  if (callId === undefined || to === undefined) throw new Error('SIPp has no call yet');
  await conductor.send(conductor.write({ method: 'INFO', uri: `sip:sipp@${HOST}`, callId, to }, 'z9hG4bKgo'));
}
