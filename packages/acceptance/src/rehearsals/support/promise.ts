import { expect } from '@jest/globals';
import { FAULT_KINDS, type FaultName, type TestFaultObject } from '@sordino/core';
import type { Watched } from '../../failures/support/aftermath.ts';
import { eventually } from '../../failures/support/eventually.ts';
import { answerOf, type CallScene } from '../../scene/call-scene.ts';

/** Arms it over HTTP as an integrator does. */
export async function arm(
  scene: CallScene,
  { session }: Watched,
  fault: FaultName,
): Promise<TestFaultObject> {
  const armed = answerOf(await scene.client.armFault(session.id, fault));
  expect(armed).toMatchObject({
    object: 'test_fault',
    session: session.id,
    fault,
    description: FAULT_KINDS[fault].description,
  });
  return armed;
}

/** The session ends up as the answer to `arm` promised, and the fault is told to have fired. */
export async function promiseKept(
  scene: CallScene,
  { session, follower }: Watched,
  { expected }: TestFaultObject,
  armedOn: Watched = { session, follower },
): Promise<void> {
  await eventually(async () => {
    const { status, topology, result } = answerOf(await scene.client.read(session.id));
    if (expected.topology !== null) expect(topology).toBe(expected.topology);
    if (expected.status !== null) expect(status).toBe(expected.status);
    const codes = follower.events.flatMap(({ data }) => {
      const leg = data.leg as { readonly reason?: unknown } | undefined;
      return [data.code, data.reason, data.failure_code, leg?.reason];
    });
    if (expected.code !== null) expect([result.failure_code, ...codes]).toContain(expected.code);
    expect(topology !== 'lost').toBe(expected.call_safe);
    for (const { data } of follower.events) {
      if ('call_safe' in data) expect(data.call_safe).toBe(expected.call_safe);
    }
  });
  const [latest] = answerOf(await scene.client.faults(armedOn.session.id)).data;
  expect(latest?.state).toBe('fired');
}
