import { expect } from '@jest/globals';
import type { EventType, LegView, PaymentStatus, SessionObject, Topology } from '@sordino/core';
import { expectLadder, hears, type SessionFollower, UPDATE_LADDERS, until } from '@sordino/testkit';
import { answerOf, type CallScene, typesOf } from '../../scene/call-scene.ts';
import { eventually } from './eventually.ts';

/** A session of a scene, and what its event stream told. */
export interface Watched {
  readonly session: SessionObject;
  readonly follower: SessionFollower;
}

/** The API column of the failure table. */
export interface ApiColumn {
  readonly status: PaymentStatus;
  readonly topology: Topology;
  /** `result.failure_code`; null where the payment did not fail. */
  readonly code: string | null;
  /** All event types of the session in order, without `leg.updated`, `field.hint` and `mask.attested`. */
  readonly events: readonly EventType[];
  /** `data` of the event that ended the session, where one did. */
  readonly ending?: Readonly<Record<string, unknown>>;
}

/** One for each step of each leg, for each key that nobody had asked for, for each call that was taken: rows that mean them look for them. */
const COMMENTARY: ReadonlySet<EventType> = new Set(['leg.updated', 'field.hint', 'mask.attested']);
const ENDINGS: ReadonlySet<EventType> = new Set(['session.failed', 'session.canceled', 'session.expired']);

/** What the agent's app sees of it: in the events, and when it asks. */
export async function expectApi(
  scene: CallScene,
  { session, follower }: Watched,
  column: ApiColumn,
): Promise<void> {
  const told = (): string[] => typesOf(follower.events.filter(({ type }) => !COMMENTARY.has(type)));
  await eventually(() => expect(told()).toEqual(column.events));
  const { status, topology, result } = answerOf(await scene.client.read(session.id));
  expect({ status, topology, code: result.failure_code }).toEqual({
    status: column.status,
    topology: column.topology,
    code: column.code,
  });
  if (topology === 'restored') await expectAttested(scene, { session, follower });
  if (column.ending === undefined) return;
  const ending = follower.events.filter(({ type }) => ENDINGS.has(type));
  expect(ending.map(({ data }) => data)).toEqual([expect.objectContaining(column.ending)]);
}

/** Whatever happened to a call that we had, it ends with what was heard on leg 7: no key, in the event and when asked. */
async function expectAttested(scene: CallScene, { session, follower }: Watched): Promise<void> {
  const attested = await follower.until('mask.attested');
  expect(attested.data).toMatchObject({ tones_out: 0 });
  const { attestation, leaks_suspected } = answerOf(await scene.client.read(session.id));
  expect({ ...attestation }).toEqual(attested.data);
  expect(leaks_suspected).toBe(0);
}

/** The states that leg 6 went through, as the events told it. */
export const leg6States = ({ follower }: Watched): string[] =>
  follower.events
    .filter(({ type }) => type === 'leg.updated')
    .map(({ data }) => data.leg as LegView)
    .filter(({ role }) => role === 'leg6_media')
    .map(({ state }) => state);

/** The customer hears the agent, and the agent the customer, as they speak now. */
export async function bothTalk({ world }: CallScene): Promise<void> {
  const { customer, agent } = world.parts;
  await Promise.all([hears(agent, customer), hears(customer, agent)]);
}

/** No call, no leg, no dialog, no bridge. Transactions may outlive them by 64*T1, as RFC 3261 wants. */
export async function nothingOpen({ sordino }: CallScene): Promise<void> {
  const { interceptor, sip, relay } = sordino.parts;
  await eventually(async () => {
    const { legs, dialogs, closingDialogs } = sip.diagnostics();
    const bridges = (await relay.stats()).workers.reduce((sum, worker) => sum + worker.bridges, 0);
    expect({ calls: interceptor.liveCalls, legs, dialogs, closingDialogs, bridges }).toEqual({
      calls: 0,
      legs: 0,
      dialogs: 0,
      closingDialogs: 0,
      bridges: 0,
    });
  });
}

/** The agent starts another payment in the same call, and it gets as far as the keys; then the call is handed back. */
export async function worksAgain(scene: CallScene): Promise<void> {
  const { session, follower } = await scene.readySession();
  answerOf(await scene.client.restore(session.id));
  await follower.until('session.restored');
  await scene.world.platform.untilOver();
  await bothTalk(scene);
  await nothingOpen(scene);
}

/** As `expectLadder`, as soon as the last message has crossed the wire. */
export async function expectLadderSoon(shape: () => string, file: URL): Promise<void> {
  if (process.env[UPDATE_LADDERS] === '1') {
    // Nothing tells that no message follows: whoever writes ladders reads them before they are kept.
    const writtenAt = performance.now() + 1_000;
    await until('no message follows', () => performance.now() > writtenAt);
    expectLadder(shape(), file);
    return;
  }
  await eventually(() => expectLadder(shape(), file));
}
