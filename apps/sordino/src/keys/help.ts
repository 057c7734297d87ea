export const KEYS_HELP = `sordino keys create: makes an API key in the store's directory and shows it once; a running process knows it within a second

  --config FILE     as of the start
  --tenant NAME     default: default
  --live            for live mode
  --name TEXT       for people
  --scopes A,B      default: all
  --days N          it expires after so many; default: never

sordino keys list, sordino keys revoke ID: of --tenant and mode, as above
sordino keys make: prints a key and the sha256 for api.keys of the configuration, and keeps nothing (--live as above)
`;
