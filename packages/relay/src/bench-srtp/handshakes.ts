import { createIdentity } from '../handshakes/identity.ts';
import { Meeting } from '../handshakes/test-support/dtls-client.ts';

export interface HandshakeCost {
  readonly certificateMs: number;
  /** Both ends: ours and werift's client. */
  readonly handshakeMs: number;
}

/** Not measured: the first ones are compiled as they go. */
const WARM_UP = 10;

/** CPU time of a leg with DTLS-SRTP before its first packet, mean of `count`. */
export async function measureHandshakes(count: number): Promise<HandshakeCost> {
  let [certificateUs, handshakeUs] = [0, 0];
  for (let made = -WARM_UP; made < count; made += 1) {
    const started = cpuUs();
    const certificate = await createIdentity();
    const between = cpuUs();
    // Makes one more certificate, the server's.
    const meeting = await Meeting.of({ certificate });
    const outcome = await meeting.shakeHands();
    if (outcome !== 'connected') throw new Error(`the handshake came to ${outcome}`);
    meeting[Symbol.dispose]();
    if (made < 0) continue;
    certificateUs += between - started;
    handshakeUs += cpuUs() - between - (between - started);
  }
  return { certificateMs: certificateUs / count / 1_000, handshakeMs: handshakeUs / count / 1_000 };
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
