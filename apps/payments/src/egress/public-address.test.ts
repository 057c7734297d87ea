import { expect, it } from '@jest/globals';
import { isPublicAddress } from './public-address.ts';

it.each([
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '2606:2800:220:1:248:1893:25c8:1946',
  '[2a00:1450:4001::1]',
])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

it.each([
  ['this machine', '127.0.0.1'],
  ['this machine, anywhere in its block', '127.8.9.1'],
  ['no address', '0.0.0.0'],
  ['a private network', '10.1.2.3'],
  ['a private network', '172.16.0.1'],
  ['a private network', '172.31.255.255'],
  ['a private network', '192.168.0.10'],
  ['the metadata service of a cloud', '169.254.169.254'],
  ['behind a carrier', '100.64.0.1'],
  ['documentation', '192.0.2.1'],
  ['a benchmark', '198.18.0.1'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['this machine', '::1'],
  ['no address', '::'],
  ['an IPv4 address in IPv6 clothes', '::ffff:10.0.0.1'],
  ['a public one in the same clothes: nobody needs it', '::ffff:8.8.8.8'],
  ['the same, translated', '64:ff9b::a00:1'],
  ['6to4 of a private network', '2002:a00:1::1'],
  ['Teredo', '2001:0:a00:1::'],
  ['link-local', 'fe80::1'],
  ['link-local with its zone', 'fe80::1%eth0'],
  ['unique local', 'fd00::1'],
  ['multicast', 'ff02::1'],
  ['documentation', '2001:db8::1'],
  ['a name', 'example.com'],
  ['nothing', ''],
])('%s is not: %s', (_what, address) => expect(isPublicAddress(address)).toBe(false));
