import { expect } from '@jest/globals';
import type { CreateSessionBody } from '@sordino/core';
import { aSessionBody, type CallScene } from '../../scene/call-scene.ts';
import { bothTalk } from './aftermath.ts';

/** What the agent's app sends where Sordino shall ask for the call: D4 as the platform sees it. */
export async function askBody(scene: Pick<CallScene, 'world'>): Promise<Partial<CreateSessionBody>> {
  const dialog = await scene.world.platform.dialog();
  if (dialog === undefined) throw new Error('the call has no dialog');
  const { callId, localTag, remoteTag } = dialog;
  return {
    start: { method: 'refer' },
    call: {
      ...aSessionBody().call,
      dialog: { call_id: callId, local_tag: localTag, remote_tag: remoteTag },
    },
  };
}

/** Nobody was re-INVITEd, so no packet of the customer went anywhere else, and both go on talking. */
export async function untouched(scene: CallScene): Promise<void> {
  const { customer } = scene.world.parts;
  const customerPort = /:(\d+)/.exec(customer.uri().replace(/^[^@]*@/, ''))?.[1];
  const toCustomer = scene.world.parts.platform
    .report()
    .sip.filter(
      ({ direction, flow, text }) =>
        direction === 'out' && `${flow.remote.port}` === customerPort && text.startsWith('INVITE'),
    );
  expect(toCustomer).toEqual([]);
  await bothTalk(scene);
  expect(customer.report().heardStreams).toHaveLength(1);
}
