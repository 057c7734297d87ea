import { expect, it } from '@jest/globals';
import { CallScene } from '../scene/call-scene.ts';

it('the doc_url of an error leads to a page that explains its code', async () => {
  await using scene = await CallScene.open();
  const { session } = await scene.createSession();
  const refused = await scene.client.collect(session.id, 'cvc');
  if (refused.ok) throw new Error('a field was collected before ready');
  const { code, doc_url } = refused.error;
  const page = await fetch(new URL(doc_url, scene.sordino.api));
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/markdown'),
  ]);
  expect(await page.text()).toContain(`### ${code}\n`);
}, 30_000);
