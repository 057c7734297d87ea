export const START_HELP = `sordino start: runs everything in this process until SIGTERM or SIGINT

  --config FILE    YAML; without it every key has a default
  environment      SORDINO_API__PORT=8081 overrides api.port, and so on for every key
`;
