export const CHECK_PLATFORM_HELP = `sordino check-platform NAME: plays a test call with a platform and says what it still has to change

  --config FILE    as for start; stop the service first, this command listens in its place
  --call-id ID     the platform's own id of the test call
  --ani NUMBER     the caller's number, where the platform can pass nothing else
  --dialog ID,L,R  Call-ID and tags of the platform's dialog with the customer: ask for the call (refer.form)
  --slow           two more calls: how long INVITE 5 may wait, and what happens when media stops
  --json           the report as JSON
  exit status      0: nothing must change; 1: something must; 2: it could not be checked
`;
