/**
 * The valid answer that refuses every stream of an offer (RFC 3264 §6: port 0). It goes into the ACK of a call that is
 * closed before anyone answered its offer (RFC 3261 §13.2.2.4). Lines that belong to streams or need a meaning are left out.
 */
export function refusedMedia(offer: string): string {
  const lines = offer.split(/\r?\n/);
  const media = lines.filter((line) => line.startsWith('m=')).map(refuse);
  return ['v=0', 'o=- 0 0 IN IP4 0.0.0.0', 's=-', 'c=IN IP4 0.0.0.0', 't=0 0', ...media, ''].join('\r\n');
}

const refuse = (line: string): string => line.replace(/^(m=\S+ )\S+/, '$10');
