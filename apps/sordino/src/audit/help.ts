export const AUDIT_HELP = `sordino audit verify: reads the whole audit trail and names the first record that is not as it was written

  --config FILE     as of the start
  --directory DIR   of the trail, when there is no configuration at hand
  --key FILE        public key that was put aside earlier; default: the one beside the trail
  --noted N:HASH    what an earlier run printed: tells whether the end was cut off
`;
