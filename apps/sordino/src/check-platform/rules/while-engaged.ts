import type { Seen } from '../call-view.ts';
import { advice, type Finding, mustChange, notSeen, pass } from '../report.ts';
import { media } from './media.ts';

/** From the commit point on: media, keys, session timers. */
export function whileEngaged(seen: Seen): readonly Finding[] {
  if (seen.call.answer5?.status !== 200) return [notSeen('engaged', 'leg 5 was never answered')];
  return [...media(seen), ...keys(seen), ...info(seen), ...sessionTimers(seen)];
}

function keys({ call }: Seen): readonly Finding[] {
  if (!call.ready) return [notSeen('keys', 'the call was not ready')];
  const heard = Math.max(
    0,
    ...call.seen.events.map(({ type, data }) => (type === 'field.progress' ? Number(data.length) : 0)),
  );
  const unexpected = call.event('dtmf.transport_unexpected')?.data.transport;
  if (heard === 0)
    return [notSeen('keys', 'none was heard: run the check again and press 1 2 3 # on the customer’s phone')];
  const how = `${heard} heard before #`;
  if (unexpected === undefined) return [pass('keys', how)];
  return [
    advice(
      'keys',
      `${how}, as ${unexpected} although that was not agreed on leg 5: it works; let the offer say what is sent`,
    ),
  ];
}

/** Keys by INFO are keys that the platform sees, and may log. */
function info({ call }: Seen): readonly Finding[] {
  const legs = ([5, 7] as const).filter((leg) => call.requests(leg, 'in', 'INFO').length > 0);
  if (legs.length > 0) {
    return [
      mustChange(
        'INFO',
        `came on leg ${legs.join(' and ')}: the platform sees what the customer keys; turn INFO off for DTMF and pass RTP events on untouched`,
      ),
    ];
  }
  return [
    call.ready ? pass('INFO', 'none came while keys were pressed') : notSeen('INFO', 'no keys were pressed'),
  ];
}

/** RFC 4028. */
function sessionTimers({ call, platform }: Seen): readonly Finding[] {
  const asked5 = call.invite5?.header('Session-Expires')[0];
  const given7 = call.answer7?.header('Session-Expires')[0];
  const words = [
    asked5 === undefined ? 'none asked for on leg 5' : `leg 5 asks for ${asked5}`,
    given7 === undefined ? 'none agreed on leg 7' : `leg 7 agrees on ${given7}`,
  ].join(', ');
  const requires = call.invite5?.header('Require') ?? [];
  return [
    pass('session timer', `${words}; ours: ${platform.session_timer.expires_s} s`),
    ...(requires.length > 0
      ? [advice('Require', `INVITE 5 requires ${requires.join(', ')}: better only support it`)]
      : []),
  ];
}
