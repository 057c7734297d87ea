import type { PlatformProfile } from '@sordino/interception';
import type { Config } from '../config/schema.ts';

/** A platform of the configuration in the words of the call model. */
export function platformProfile(platform: Config['platforms'][number]): PlatformProfile {
  return {
    id: platform.id,
    returnUri: platform.return_uri,
    returnHeader: platform.return_header,
    returnHosts: platform.return_hosts,
    commit: platform.commit,
    leg5Media: platform.leg5_media,
    correlationHeaders: platform.correlation_headers,
    trustIdentity: platform.trust_identity,
    numberPool: platform.number_pool,
    numberRequired: platform.number_required,
    numberCoolDownMs: platform.number_cool_down_ms,
    codecs: platform.codecs,
    crypto: platform.crypto,
    refer: {
      form: platform.refer.form,
      targetUri: platform.refer.target_uri,
      notifyTimeoutMs: platform.refer.notify_timeout_ms,
    },
    timers: {
      leg7AnswerMs: platform.timers.leg7_answer_ms,
      firstMediaMs: platform.timers.first_media_ms,
      stalledMediaMs: platform.timers.stalled_media_ms,
      takeBackMs: platform.timers.take_back_ms,
    },
    sessionTimer: {
      expiresS: platform.session_timer.expires_s,
      minSeS: platform.session_timer.min_se_s,
    },
    probeIntervalS: platform.probe.interval_s,
  };
}
