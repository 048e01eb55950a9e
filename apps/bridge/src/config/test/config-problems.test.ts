import { configFixture, env, having, valid } from './config-fixture';

const fixture = configFixture();
const problems = fixture.problems;

test.each<[string, () => string, string[]]>([
  [
    'an unknown key near a known one',
    () => having('stations:', 'statoins:'),
    [
      '1:1 gateway.stations: found nothing, expected a list',
      '4:3 gateway.statoins: unknown key; did you mean "stations"?',
    ],
  ],
  [
    'a key that a YAML 1.1 reader would take for true',
    () => valid + 'on: 1\n',
    [
      '20:1 on: unknown key; expected one of mode, dataDirectory, gateway, scanner, egress, intake, custody, ledger, destinations, routes, policy, delivery, retention, web, log',
    ],
  ],
  [
    'a duration without a unit',
    () => having('intake:\n', 'intake:\n  pollInterval: 15\n'),
    [
      '9:17 intake.pollInterval: found 15, expected a duration between 50ms and 1h, such as 500ms, 30s, 5m, 24h or 7d',
    ],
  ],
  [
    'a size of the wrong form',
    () => having('1GiB', '1G'),
    [
      '12:54 destinations.archive.maxBytes: found "1G", expected a size of at least 1 B, such as 512KB, 4MB or 1GiB',
    ],
  ],
  [
    'a date that does not exist',
    () => having('2026-01-31', '2026-02-30'),
    [
      '9:14 intake.startFrom: found "2026-02-30", expected a date such as 2026-01-31 (its start in UTC) or 2026-01-31T08:00:00Z',
    ],
  ],
  [
    'a time without a zone',
    () => having('2026-01-31', '2026-01-31T08:00:00'),
    [
      '9:14 intake.startFrom: found "2026-01-31T08:00:00", expected a date such as 2026-01-31 (its start in UTC) or 2026-01-31T08:00:00Z',
    ],
  ],
  [
    'an unknown kind of destination',
    () => having('kind: folder', 'kind: sftp'),
    ['12:20 destinations.archive.kind: found "sftp", expected one of as2, folder'],
  ],
  [
    'a destination whose name is no name',
    () => having('  archive:', '  ../archive:'),
    [
      '12:3 destinations.../archive: expected a name of letters, digits, ".", "_" and "-" that starts with a letter or digit',
      '17:34 routes[1].destinations[0]: no destination is named "archive"; did you mean "../archive"?',
    ],
  ],
  [
    'a route to a destination that does not exist',
    () => having('[warehouse]', '[warehose, warehouse, warehouse]'),
    [
      '16:20 routes[0].destinations[0]: no destination is named "warehose"; did you mean "warehouse"?',
      '16:41 routes[0].destinations[2]: "warehouse" stands here twice',
    ],
  ],
  [
    'two routes of one name',
    () => having('name: rest', 'name: orders'),
    ['17:13 routes[1].name: another route is named "orders" already; expected a name of its own'],
  ],
  [
    'a route that no message reaches',
    () => having('match: { partner: ACME }', 'match: { }'),
    [
      '17:5 routes[1]: never used: route "orders" above takes all that it matches; put the narrower one first',
    ],
  ],
  [
    'a route for a station that is not read',
    () => having('partner: ACME', 'station: HUP'),
    [
      '15:23 routes[0].match.station: station "HUP" is not read; expected one of gateway.stations (HUB, SPOKE)',
    ],
  ],
  [
    'no route',
    () => valid.replace(/routes:[^]*?web:/, 'routes: []\nweb:'),
    ['13:9 routes: found an empty list, expected at least one entry'],
  ],
  [
    'plain http to another machine',
    () => having('https://scanner', 'http://scanner'),
    [
      '6:12 scanner.baseUrl: plain http to another machine would show the token to everyone on the way; expected https (or allowInsecureHttp: true beside it)',
    ],
  ],
  [
    "a policy of one's own without a name",
    () => valid + 'policy:\n  forwardSanitized: [image, pdf]\n',
    [
      '20:1 policy.version: found nothing, expected a name for this policy, since each decision records it',
      '21:29 policy.forwardSanitized[1]: found "pdf", expected one of image, document, archive, edi, xml, csv, json, signed, text, executable, other',
    ],
  ],
  [
    'a mode that does not exist yet',
    () => 'mode: watch\n' + valid,
    ['1:7 mode: found "watch", expected one of enforce, observe'],
  ],
  [
    'half a pair',
    () => having(', tokenSecret: { env: SECRET }', ''),
    ['3:9 gateway.auth: expected either tokenId and tokenSecret, or username and password'],
  ],
  [
    'both ways to log in',
    () => having('{ apiKey: { env: KEY } }', '{ apiKey: { env: KEY }, username: u, password: { env: KEY } }'),
    ['7:9 scanner.auth: expected either apiKey, or username and password'],
  ],
  [
    'a list where a map belongs',
    () => having('auth: { apiKey: { env: KEY } }', 'auth: [1]'),
    [
      '7:9 scanner.auth: found a list, expected a map of keys and values',
      '7:9 scanner.auth: expected either apiKey, or username and password',
    ],
  ],
  [
    'a host that fits the whole world',
    () => having('  stations:', '  downloadHosts: ["*.com", "*"]\n  stations:'),
    [
      '4:19 gateway.downloadHosts[0]: found "*.com", expected a host name, or *. and a domain of at least two parts',
      '4:28 gateway.downloadHosts[1]: found "*", expected a host name, or *. and a domain of at least two parts',
    ],
  ],
  [
    'files that the scanner deletes while it scans',
    () => having('scanner:\n', 'scanner:\n  expiresAfter: 1h\n  deadline: 2h\n'),
    [
      '6:17 scanner.expiresAfter: shorter than scanner.deadline: the scanner would delete files that are still being scanned',
    ],
  ],
  [
    'a folder inside custody',
    () => having('directory: out', 'directory: .mft-bridge/custody/out'),
    [
      '12:39 destinations.archive.directory: inside the custody directory, where what the ledger does not know is removed; expected another place',
    ],
  ],
  [
    'a certificate file that is none',
    () => valid + 'egress: { caFile: bridge.yaml }\n',
    [
      expect.stringMatching(
        /^20:19 egress\.caFile: .*bridge\.yaml cannot be read, or holds no certificate in PEM$/,
      ),
    ],
  ],
  [
    'the same key twice',
    () => valid + 'web: {}\n',
    ['20:1 : not valid YAML: this key stands in the same map twice'],
  ],
  [
    'a tab',
    () => 'gateway:\n\tauth: x\n',
    ['2:1 : not valid YAML: found a tab as indentation, expected spaces'],
  ],
  [
    'a bracket that is not closed',
    () => having('[HUB, SPOKE]', '[HUB, SPOKE'),
    [expect.stringMatching(/^\d+:\d+ : not valid YAML: /)],
  ],
  ['a tag', () => having('HUB,', '!env HUB,'), ['4:14 : not valid YAML: tags (!name) are not supported']],
  [
    'a list',
    () => '- a\n- b\n',
    ['1:1 : found a list, expected a map such as "gateway:" with its keys below'],
  ],
])('%s is named with line, column and path', async (_name, source, expected) => {
  expect(await problems(source())).toEqual(expected);
});

test('everything that is wrong is named at once, in the order of the file', async () => {
  const source =
    having('{ env: KEY }', 'hunter2hunter2')
      .replace('2026-01-31', 'soon')
      .replace('{ env: TOKEN }', '{ env: SHORT }') + 'lgo: {}\n';
  expect(await problems(source, { ...env, SHORT: 'canary' })).toEqual([
    expect.stringMatching(
      /^7:19 scanner\.auth\.apiKey: a secret must not stand in this file; .* \{ env: NAME \} or \{ file: path \}$/,
    ),
    expect.stringMatching(/^9:14 intake\.startFrom: found "soon"/),
    '19:30 web.private.token: environment variable SHORT is too short; expected at least 16 characters',
    '20:1 lgo: unknown key; did you mean "log"?',
  ]);
});

test('an empty file, and sections whose keys are all commented out, name each thing that is required', async () => {
  const missing = [
    'destinations: found nothing, expected at least one destination',
    'gateway.auth: expected either tokenId and tokenSecret, or username and password',
    'gateway.stations: found nothing, expected a list',
    'intake.startFrom: found nothing',
    'routes: found nothing, expected a list',
    'scanner.auth: expected either apiKey, or username and password',
    'scanner.baseUrl: found nothing',
    'web.private.token: missing; expected { env: NAME } or { file: path }',
  ];
  for (const source of ['', '# nothing\n', 'gateway:\nscanner:\nintake:\ndestinations:\nweb:\n']) {
    const found = await problems(source);
    expect(found).toHaveLength(missing.length);
    for (const text of missing) expect(found).toContainEqual(expect.stringContaining(text));
  }
});

test.each<[string, string, string?]>([
  ['as a text', 'apiKey: "CANARY"'],
  ['as a number', 'apiKey: 77700077'],
  ['where a reference belongs', 'CANARY'],
  ['behind env:', 'apiKey: { env: "CAN-ARY" }'],
  ['in a list', 'apiKey: [CANARY]'],
  ['below another key', 'apiKey: { value: CANARY }'],
  ['as a text that YAML takes for an alias', 'apiKey: *CANARY'],
  ['as a text that YAML takes for a tag', 'apiKey: !CANARY x'],
  ['with a quote in it', 'apiKey: "CANARY"x"'],
  ['under a wrong name', 'apikey: CANARY'],
  ['in the URL', 'apiKey: { env: KEY }', 'https://user:CANARY@scanner.example/?key=CANARY'],
])('a secret %s is refused and not repeated', async (_name, auth, url = 'https://scanner.example:8010') => {
  const source = having('{ apiKey: { env: KEY } }', `{ ${auth} }`).replace(
    'https://scanner.example:8010',
    url,
  );
  const text = (await problems(source)).join('\n');
  expect(text).not.toMatch(/CANARY|CAN-ARY|77700077/);
  expect(text).toMatch(/scanner|not valid YAML/);
});
