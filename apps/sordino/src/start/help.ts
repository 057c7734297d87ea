export const START_HELP = `sordino start: runs everything until SIGTERM or SIGINT, which let payments finish; a second one does not wait

  --config FILE    YAML; without it every key has a default
  environment      SORDINO_API__PORT=8081 overrides api.port, and so on for every key

sordino farewell: ends the calls of a start that was killed with its guardian (the systemd unit does that)

  --config FILE    as of the start
`;
