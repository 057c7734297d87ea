import type { PlatformObject } from '@sordino/core';
import type { PlatformDesk } from '../routes/platforms.ts';

export const PLATFORM: PlatformObject = {
  id: 'plt_main',
  object: 'platform',
  return_uri: 'sip:{call_id}@10.0.0.1:5060;transport=tcp',
  return_header: null,
  return_hosts: ['10.0.0.2'],
  transport: 'tcp',
  commit: 'after_leg7',
  leg5_media: 'customer',
  correlation_headers: ['X-Call'],
  codecs: ['PCMU', 'PCMA'],
  crypto: 'none',
  refer: { form: 'off', target_uri: null, notify_timeout_ms: 5_000 },
  timers: { leg7_answer_ms: 2_000, first_media_ms: 5_000, stalled_media_ms: 5_000, take_back_ms: 10_000 },
  session_timer: { expires_s: 1_800, min_se_s: 90 },
  e164_pool: { size: 2, free: 1, cooling: 1, required: false },
  probe: {
    interval_s: 60,
    state: 'reachable',
    since_ms: 1_790_000_000_000,
    checked_at_ms: 1_790_000_000_000,
    status: 200,
    round_trip_ms: 1.3,
    reason: null,
    allow: ['INVITE', 'ACK', 'CANCEL', 'BYE'],
    supported: null,
    accept: null,
    server: 'PBX 7',
    missing: [],
  },
};

/** One platform, `plt_main`. */
export class ScriptedPlatforms implements PlatformDesk {
  /** What the next probe answers. */
  probed: PlatformObject | 'too_soon' = PLATFORM;

  list(): readonly PlatformObject[] {
    return [PLATFORM];
  }

  read(id: string): PlatformObject | undefined {
    return id === PLATFORM.id ? PLATFORM : undefined;
  }

  async probe(id: string): Promise<PlatformObject | 'too_soon' | undefined> {
    return id === PLATFORM.id ? this.probed : undefined;
  }
}
