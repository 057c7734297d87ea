/** A new API key in the place of an old one, without an interruption. SORDINO_KEY must have keys:read and keys:write. */
import { createClient } from '@sordino/client';

const { SORDINO_URL = 'http://127.0.0.1:8080', SORDINO_KEY = '' } = process.env;
const admin = createClient({ baseUrl: SORDINO_URL, credential: SORDINO_KEY });

const old = await admin.createApiKey({ body: { name: 'reports', scopes: ['sessions:read'] } });
const fresh = await admin.rollApiKey({ path: { key: old.id }, body: { overlap_seconds: 3_600 } });

// Both are good now: teach the new one to every server, then end the old one.
for (const { key = '' } of [old, fresh]) {
  const { data } = await createClient({ baseUrl: SORDINO_URL, credential: key }).listSessions();
  console.log(`reads ${data.length} sessions`);
}
const ended = await admin.revokeApiKey({ path: { key: old.id } });
console.log(`${ended.name} ${ended.status}`);
