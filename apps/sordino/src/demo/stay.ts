import { createInterface } from 'node:readline';
import { SessionClient, type SessionId } from '@sordino/core';
import type { World } from '@sordino/testkit';
import { pause } from './payment.ts';
import type { Screen } from './screen.ts';
import type { SordinoProcess } from './sordino-process.ts';

/** How often the agent's app would ask whether a session waits for its call. */
const LOOK_MS = 200;

/**
 * Leaves everything running: the agent's page starts payments, the platform brings the call to each new session, and lines typed
 * here are keyed by the customer. Resolves on Ctrl-C.
 */
export async function stayUntilInterrupted(
  world: World,
  sordino: SordinoProcess,
  screen: Screen,
): Promise<void> {
  const key = encodeURIComponent(sordino.apiKey);
  screen.heading('Everything stays; Ctrl-C ends it');
  console.log(
    `  agent's page     ${sordino.apiUrl}/agent/#token=${key}&call_id=demo-call-1&platform=plt_main&amount=49.99&currency=gbp&reference=INV-1`,
  );
  console.log(`  operators' page  ${sordino.apiUrl}/ops/#token=${key}`);
  console.log('  type digits and Enter: the customer keys them');

  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    const keys = line.replace(/[^0-9*#]/g, '');
    if (keys !== '') void world.customer.press(keys, { how: 'events' });
  });
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  const stop = { asked: false };
  void interrupted.then(() => {
    stop.asked = true;
  });
  const bringing = bringCalls(world, sordino, screen, stop);
  await interrupted;
  input.close();
  await bringing;
}

/** The platform's side of the agent's app: each session that waits gets the call. */
async function bringCalls(
  world: World,
  sordino: SordinoProcess,
  screen: Screen,
  stop: { asked: boolean },
): Promise<void> {
  const client = new SessionClient({ baseUrl: sordino.apiUrl, token: sordino.apiKey, pause });
  const brought = new Set<SessionId>();
  while (!stop.asked) {
    const waiting = await client.list({ status: 'awaiting_media' });
    for (const { id, rendezvous } of waiting.ok ? waiting.value.data : []) {
      if (rendezvous === null || brought.has(id)) continue;
      brought.add(id);
      screen.say(`the platform brings the call to ${id}`);
      void world.platform.divert({ sordino: rendezvous, offer: 'none', correlation: id });
    }
    await pause(LOOK_MS);
  }
}
